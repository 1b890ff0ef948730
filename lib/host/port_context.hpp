// PortContext: what the ports of one host share: the clock, the replay's window, the lans, and who
// uses which file. Owned by the machine; outlives every port. Host thread only.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/replay.hpp"

namespace vmbus::host {

class Lan;

struct PortContext {
    explicit PortContext(Replay::Clock now = std::chrono::steady_clock::now)
        : clock(now), replay(now) {}

    const Replay::Clock clock;
    Replay replay;
    std::map<std::string, std::weak_ptr<Lan>, std::less<>> lans;

    struct UsedFile {
        dev_t device;
        ino_t inode;
        bool written;
    };
    std::vector<UsedFile> files;

    /// A port could not be made, so nothing will run: no file's old content may go.
    bool refused = false;
};

}  // namespace vmbus::host
