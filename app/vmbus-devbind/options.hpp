// The command line: `vmbus-devbind COMMAND [options] [DEV ...]`, or in the manner of
// dpdk-devbind.py: -s, -b DRIVER DEV ..., -u DEV ....
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace vmbus::devbind {

enum class Command {
    kStatus,
    kBind,
    kRestore,
    kPersist,
    kUnpersist,
    kArgs,
    kDoctor,
    kWatch,
};

struct Options {
    Command command = Command::kStatus;
    std::vector<std::string> devices;
    std::string sysfs_root;
    std::string plugin;
    bool json = false;
    bool force = false;
    bool dry_run = false;
    unsigned timeout_s = 30;
    unsigned interval_ms = 200;
    unsigned duration_s = 0;  ///< of `watch`; 0: until a signal
};

/// On a mistake, or when only help was wanted, returns nothing and sets `exit_status`; what there
/// is to say has been said.
std::optional<Options> parse_options(int argc, char** argv, int& exit_status);

}  // namespace vmbus::devbind
