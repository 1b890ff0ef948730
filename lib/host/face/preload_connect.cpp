#include "host/face/preload_connect.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vmbus::host::face {
namespace {

using Descriptors = std::array<int, kHelloDescriptors>;

void close_all(const Descriptors& descriptors) noexcept {
    std::for_each(descriptors.begin(), descriptors.end(), close_internal);
}

int fail(int error) noexcept {
    errno = error;
    return -1;
}

/// open() of a device cannot be interrupted either.
template <typename Call>
auto retry(Call call) noexcept {
    auto result = call();
    while (result < 0 && errno == EINTR) {
        result = call();
    }
    return result;
}

int connect_to(const char* path) noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (std::strlen(path) >= sizeof(address.sun_path)) {
        return fail(ENAMETOOLONG);
    }
    std::strcpy(address.sun_path, path);
    const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
    if (fd < 0 || retry([&] { return connect(fd, generic, sizeof(address)); }) == 0) {
        return fd;
    }
    const int error = errno == ECONNREFUSED ? ENODEV : errno;  // a host that died left its socket
    close_internal(fd);
    return fail(error);
}

/// The host reads guest memory. Where Yama allows that to ancestors only (Linux
/// admin-guide/LSM/Yama), a guest that the host did not start must ask for it; elsewhere this fails
/// and is not needed.
void let_host_read_memory(int fd) noexcept {
    ucred host{};
    socklen_t length = sizeof(host);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &host, &length) == 0) {
        prctl(PR_SET_PTRACER, static_cast<unsigned long>(host.pid), 0, 0, 0);
    }
}

/// Takes the descriptors out of the message. Returns how many came.
std::size_t take_descriptors(msghdr& message, Descriptors& descriptors) noexcept {
    const cmsghdr* const control = CMSG_FIRSTHDR(&message);
    if (control == nullptr || control->cmsg_level != SOL_SOCKET ||
        control->cmsg_type != SCM_RIGHTS) {
        return 0;
    }
    const std::size_t count =
        std::min((control->cmsg_len - CMSG_LEN(0)) / sizeof(int), descriptors.size());
    std::memcpy(descriptors.data(), CMSG_DATA(control), count * sizeof(int));
    return count;
}

/// 0 or the errno for open().
int receive_hello(int fd, Hello& hello, Descriptors& descriptors) noexcept {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(Descriptors))> ancillary{};
    iovec bytes{&hello, sizeof(hello)};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = ancillary.data();
    message.msg_controllen = ancillary.size();
    const ssize_t length = retry([&] { return recvmsg(fd, &message, MSG_CMSG_CLOEXEC); });
    const std::size_t received = length < 0 ? 0 : take_descriptors(message, descriptors);
    if (length != sizeof(hello) || hello.magic != kHelloMagic) {
        return ENODEV;
    }
    if (hello.error != 0) {
        return hello.error;
    }
    return received == descriptors.size() ? 0 : EMFILE;
}

bool hide_all(Descriptors& descriptors) noexcept {
    std::transform(descriptors.begin(), descriptors.end(), descriptors.begin(), make_internal);
    return std::find(descriptors.begin(), descriptors.end(), -1) == descriptors.end();
}

}  // namespace

int connect_device(const char* socket_path, OpenFile& file) noexcept {
    const int fd = connect_to(socket_path);
    if (fd < 0) {
        return -1;
    }
    let_host_read_memory(fd);
    Hello hello{};
    Descriptors descriptors;
    descriptors.fill(-1);
    int error = receive_hello(fd, hello, descriptors);
    if (error == 0 && !hide_all(descriptors)) {
        error = EMFILE;
    }
    if (error != 0) {
        close_all(descriptors);
        close_internal(fd);
        return fail(error);
    }
    file.control = descriptors[0];
    std::copy(descriptors.begin() + 1, descriptors.end(), file.maps.begin());
    std::copy(hello.map_size.begin(), hello.map_size.end(), file.sizes.begin());
    return fd;
}

}  // namespace vmbus::host::face
