#include "host/face/preload_device.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/face/preload_connect.hpp"
#include "host/face/preload_files.hpp"

namespace vmbus::host::face {
namespace {

// A host that is stopped must not stop the guest for good: in the kernel write() waits for nobody.
constexpr timeval kControlPatience{.tv_sec = 1, .tv_usec = 0};

// One request at a time, so that each reply finds the thread that waits for it. Held across fork,
// else a child could inherit a lock that nobody will release.
constinit pthread_mutex_t control_mutex = PTHREAD_MUTEX_INITIALIZER;
constinit std::uint32_t last_sequence = 0;

void lock_control() noexcept {
    pthread_mutex_lock(&control_mutex);
}
void unlock_control() noexcept {
    pthread_mutex_unlock(&control_mutex);
}
[[gnu::constructor]] void start_control() noexcept {
    pthread_atfork(lock_control, unlock_control, unlock_control);
}

class ControlLock {
public:
    ControlLock() noexcept { lock_control(); }
    ~ControlLock() { unlock_control(); }
    ControlLock(const ControlLock&) = delete;
    ControlLock& operator=(const ControlLock&) = delete;
};

int fail(int error) noexcept {
    errno = error;
    return -1;
}

void set_open_flags(int fd, int flags) noexcept {
    if ((flags & O_CLOEXEC) == 0) {
        syscall(SYS_fcntl, fd, F_SETFD, 0);
    }
    if ((flags & O_NONBLOCK) != 0) {
        syscall(SYS_fcntl, fd, F_SETFL, O_NONBLOCK);
    }
}

/// Takes what else is queued: events coalesce. False: the device is gone.
bool take_newest(int fd, Event& event) noexcept {
    Event newer{};
    ssize_t length = recv(fd, &newer, sizeof(newer), MSG_DONTWAIT);
    while (length == sizeof(newer)) {
        event = newer;
        length = recv(fd, &newer, sizeof(newer), MSG_DONTWAIT);
    }
    return length < 0 && (errno == EAGAIN || errno == EINTR);
}

/// 0, or the errno for write(). Replies to requests that we gave up on are skipped.
int await_reply(int control, std::uint32_t sequence) noexcept {
    for (;;) {
        ControlReply reply{};
        const ssize_t length = recv(control, &reply, sizeof(reply), 0);
        if (length == sizeof(reply) && reply.sequence == sequence) {
            return reply.error;
        }
        if (length < 0 && errno == EAGAIN) {
            return 0;  // the request is queued, and will be carried out
        }
        if (length != sizeof(reply) && !(length < 0 && errno == EINTR)) {
            return EINVAL;  // uio_write() of a device that is gone
        }
    }
}

bool is_gone(int control) noexcept {
    pollfd state{.fd = control, .events = 0, .revents = 0};
    return poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR)) != 0;
}

std::size_t pages(std::size_t length, std::size_t page) noexcept {
    return length / page + (length % page != 0 ? 1 : 0);
}

/// The map that an offset selects, or kMapCount.
std::size_t selected_map(off_t offset, std::size_t page) noexcept {
    const auto bytes = static_cast<std::size_t>(offset);
    return offset >= 0 && bytes % page == 0 && bytes / page < kMapCount ? bytes / page : kMapCount;
}

}  // namespace

int open_device(const char* socket_path, unsigned number, int flags) noexcept {
    OpenFile file;
    file.number = number;
    const int fd = connect_device(socket_path, file);
    if (fd < 0) {
        return -1;
    }
    setsockopt(file.control, SOL_SOCKET, SO_RCVTIMEO, &kControlPatience, sizeof(kControlPatience));
    set_open_flags(fd, flags);
    if (adopt_device(fd, file)) {
        return fd;
    }
    for (const int map : file.maps) {
        close_internal(map);
    }
    close_internal(file.control);
    close_internal(fd);
    return fail(ENFILE);
}

ssize_t read_device(int fd, void* buffer, std::size_t count) noexcept {
    Event event{};
    if (count != sizeof(event)) {
        return fail(EINVAL);
    }
    const ssize_t length = recv(fd, &event, sizeof(event), 0);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
        return -1;
    }
    if (length != sizeof(event) || !take_newest(fd, event)) {
        return fail(EIO);
    }
    std::memcpy(buffer, &event.total, sizeof(event.total));
    return sizeof(event.total);
}

ssize_t write_device(int fd, const void* buffer, std::size_t count) noexcept {
    ControlRequest request{};
    if (count != sizeof(request.value)) {
        return fail(EINVAL);
    }
    const PinnedFile file(fd);
    if (!file) {
        return fail(EBADF);
    }
    std::memcpy(&request.value, buffer, sizeof(request.value));
    const ControlLock lock;
    request.sequence = ++last_sequence;
    if (send(file->control, &request, sizeof(request), MSG_NOSIGNAL) != sizeof(request)) {
        return fail(EINVAL);
    }
    const int error = await_reply(file->control, request.sequence);
    return error == 0 ? static_cast<ssize_t>(count) : fail(error);
}

void* map_device(int fd, void* hint, std::size_t length, int protection, int flags,
                 off_t offset) noexcept {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t index = selected_map(offset, page);
    const PinnedFile file(fd);
    if (!file || index == kMapCount || length == 0 || is_gone(file->control) ||
        pages(length, page) > pages(file->sizes[index], page)) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    return map_tracked(*file, hint, length, protection, flags, file->maps[index]);
}

}  // namespace vmbus::host::face
