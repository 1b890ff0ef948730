// GuestProcess: the program that runs on the emulated machine, started with the preload library.
// Guardian: a process of its own that removes the host's private folder once host and guest are
// both gone, whichever way they went; so the folder outlives a host that crashed for as long as the
// guest still looks at it.
//
// Owned by the host, on its poll thread. Start both before any other thread: they fork, and signals
// must be blocked in all.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace vmbus::host {

class Guardian {
public:
    /// Start it first of all: it is a copy of this process, and holds on to whatever that has
    /// mapped by then.
    static base::Result<Guardian> start(const std::string& folder) noexcept;

    /// Removes the folder now. Requires: no guest runs. Without it the guardian does so later.
    void finish() noexcept;

    /// Where a guest reports its process id before it runs its program.
    int report_fd() const noexcept { return report_.get(); }

private:
    Guardian(std::string folder, base::UniqueFd report) noexcept
        : folder_(std::move(folder)), report_(std::move(report)) {}

    std::string folder_;
    base::UniqueFd report_;
};

class GuestProcess {
public:
    struct Options {
        std::vector<std::string> command;        // searched for in PATH; not empty
        std::string root;                        // DeviceTree::root()
        std::string library;                     // default_library(), or another one
        std::vector<std::string> environment{};  // NAME=value; before what is there already
    };

    /// libvmbus_face.so beside the running program, as in the build folder; otherwise where it is
    /// installed, found from the program's place, so that an installation can be moved as a whole.
    static std::string default_library() noexcept;

    /// Blocks SIGINT and SIGTERM in this thread, to forward them. A command that cannot be run ends
    /// with status 127 (not found) or 126, as with a shell.
    static base::Result<GuestProcess> start(const Options& options,
                                            const Guardian& guardian) noexcept {
        return start(options, guardian.report_fd());
    }
    /// The same for a guest that another process than the host's starts: `report_fd` is the
    /// guardian's, and must stay open here while the guest runs.
    static base::Result<GuestProcess> start(const Options& options, int report_fd) noexcept;

    /// Readable when service() has something to do.
    int poll_fd() const noexcept { return epoll_.get(); }

    /// Forwards signals. Once the guest has ended: its exit status, or 128 plus the signal that
    /// killed it.
    std::optional<int> service() noexcept;

    pid_t pid() const noexcept { return pid_; }

private:
    explicit GuestProcess(pid_t pid) noexcept : pid_(pid) {}

    int watch() noexcept;
    void forward_signals() noexcept;

    pid_t pid_;
    base::UniqueFd process_;  // pidfd: readable when the guest has ended
    base::UniqueFd signals_;
    base::UniqueFd epoll_;
    std::optional<int> status_;
};

}  // namespace vmbus::host
