// How vmbus-devbind ends. Scripts rely on these numbers: docs/devbind.md.
#pragma once

namespace vmbus::devbind {

enum class Exit : int {
    kOk = 0,
    kFailed = 1,          // something went wrong on the way; what was changed has been put back
    kUsage = 2,           // also a prefix that several NICs have
    kNothingMatched = 3,  // no NIC is what DEV says
    kRefused = 4,         // for safety: --force does it
    kMissing = 5,         // a privilege or a kernel module
};

}  // namespace vmbus::devbind
