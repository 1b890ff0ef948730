#include "net/netvsc/live_process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.hpp"

namespace vmbus::netvsc {

bool process_lives(int process) noexcept {
    const base::UniqueFd file(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
    if (!file) {
        // ENOSYS before Linux 5.3.
        return errno == ENOSYS ? ::kill(process, 0) == 0 || errno != ESRCH : errno != ESRCH;
    }
    pollfd ended{.fd = file.get(), .events = POLLIN, .revents = 0};
    return ::poll(&ended, 1, 0) != 1;
}

std::uint64_t process_namespace() noexcept {
    struct stat status {};
    return ::stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

}  // namespace vmbus::netvsc
