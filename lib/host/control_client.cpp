#include "host/control_client.hpp"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "host/control_socket.hpp"

namespace vmbus::host {
namespace {

constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};

/// Like recv(2); takes a descriptor that came along.
ssize_t receive(int socket, std::array<char, 4096>& buffer, base::UniqueFd& passed) noexcept {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> ancillary{};
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = ancillary.data();
    message.msg_controllen = ancillary.size();
    const ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    const cmsghdr* const control = length > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (control != nullptr && control->cmsg_type == SCM_RIGHTS) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(control), sizeof(fd));
        passed.reset(fd);
    }
    return length;
}

}  // namespace

base::Result<ControlClient> ControlClient::connect(const std::string& path) noexcept {
    auto socket = connect_to_control(path);
    if (!socket) {
        return base::Result<ControlClient>::error(socket.error());
    }
    const int fd = socket.value().get();
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
    return ControlClient(std::move(socket).value());
}

base::Result<ControlClient::Answer> ControlClient::ask(const std::string& request) noexcept {
    using Answered = base::Result<Answer>;
    std::string out = request + "\n";
    while (!out.empty()) {
        const ssize_t length = send(socket_.get(), out.data(), out.size(), MSG_NOSIGNAL);
        if (length < 0 && errno != EINTR) {
            return Answered::error(errno);
        }
        out.erase(0, length < 0 ? 0 : static_cast<std::size_t>(length));
    }
    Answer answer;
    std::array<char, 4096> buffer;
    while (!answer.text.ends_with('\n')) {
        const ssize_t length = receive(socket_.get(), buffer, answer.fd);
        if (length <= 0 && !(length < 0 && errno == EINTR)) {
            return Answered::error(length == 0 ? EPIPE : errno);
        }
        answer.text.append(buffer.data(), length < 0 ? 0 : static_cast<std::size_t>(length));
    }
    answer.text.pop_back();
    return answer;
}

}  // namespace vmbus::host
