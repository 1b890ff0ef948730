// PortContext: what the ports of one host share: the clock, the replay's window, the lans, and who
// uses which file. Owned by the machine; outlives every port. Host thread only.
#pragma once

#include <sys/stat.h>
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

    /// Generators made so far: each marks its frames with its number.
    std::uint8_t generators = 0;

    /// Notes that somebody uses a file. False when another one writes it, or reads what this would
    /// write. Only regular files can be in anybody's way.
    bool claim(const struct stat& state, bool writes);

    /// A port could not be made, so nothing will run: no file's old content may go.
    bool refused = false;
};

}  // namespace vmbus::host
