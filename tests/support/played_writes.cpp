// Preloaded into vmbus-devbind: a write() to an attribute of the played sysfs is passed to the
// played kernel (PlayedKernelServer), which does it and says how it went. Everything else goes
// straight on. One connection for each write: a program that is killed leaves nothing behind.
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

using Write = ssize_t(int, const void*, size_t);

Write* next_write() {
    static Write* const next = reinterpret_cast<Write*>(::dlsym(RTLD_NEXT, "write"));
    return next;
}

/// The attribute's name as the kernel has it: "/sys/...". False: not one of the played tree.
bool attribute_of(int fd, char* name, size_t room) {
    const char* const root = std::getenv("PLAYED_SYSFS");
    char link[64];
    char path[PATH_MAX];
    std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    const ssize_t length = ::readlink(link, path, sizeof(path) - 1);
    if (root == nullptr || length < 0) {
        return false;
    }
    path[length] = '\0';
    const size_t front = std::strlen(root);
    if (std::strncmp(path, root, front) != 0 || std::strncmp(path + front, "/sys/", 5) != 0) {
        return false;
    }
    return std::snprintf(name, room, "%s", path + front) < static_cast<int>(room);
}

int connect_to_kernel() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof(address.sun_path), "%s/kernel",
                  std::getenv("PLAYED_SYSFS"));
    const int socket = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        std::abort();
    }
    return socket;
}

ssize_t ask_kernel(const char* name, const void* text, size_t count) {
    char request[PATH_MAX + 4096];
    const int front = std::snprintf(request, sizeof(request), "%s", name) + 1;
    const auto length = static_cast<size_t>(front);
    if (count > sizeof(request) - length) {
        errno = EINVAL;
        return -1;
    }
    std::memcpy(request + length, text, count);
    const int socket = connect_to_kernel();
    int error = EIO;
    ::send(socket, request, length + count, MSG_NOSIGNAL);
    while (::recv(socket, &error, sizeof(error), 0) < 0 && errno == EINTR) {
    }
    ::close(socket);
    errno = error;
    return error == 0 ? static_cast<ssize_t>(count) : -1;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" ssize_t write(int fd, const void* text, size_t count) {
    char name[PATH_MAX];
    const int before = errno;
    if (attribute_of(fd, name, sizeof(name))) {
        return ask_kernel(name, text, count);
    }
    errno = before;
    return next_write()(fd, text, count);
}
#pragma GCC visibility pop
