#include "host/control_server.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "host/control_socket.hpp"

namespace vmbus::host {
namespace {

constexpr std::uint64_t kListener = 0;

/// The pid of who connected. The folder keeps others out; this keeps out whoever got in all the
/// same.
std::optional<pid_t> allowed_peer(int socket) noexcept {
    ucred peer{};
    socklen_t length = sizeof(peer);
    const bool allowed = getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
                         (peer.uid == geteuid() || peer.uid == 0);
    return allowed ? std::optional(peer.pid) : std::nullopt;
}

ssize_t send_with(int socket, std::string_view bytes, int fd) noexcept {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> ancillary{};
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (fd >= 0) {
        message.msg_control = ancillary.data();
        message.msg_controllen = ancillary.size();
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool would_block() noexcept {
    return errno == EAGAIN || errno == EINTR;
}

}  // namespace

base::Result<std::unique_ptr<ControlServer>> ControlServer::create(
    const std::string& path, ControlHandler& handler) noexcept {
    using Created = base::Result<std::unique_ptr<ControlServer>>;
    auto listener = listen_for_control(path);
    if (!listener) {
        return Created::error(listener.error());
    }
    std::unique_ptr<ControlServer> server(new ControlServer(path, handler));
    server->listener_ = std::move(listener).value();
    server->epoll_.reset(epoll_create1(EPOLL_CLOEXEC));
    const int error = server->watch(server->listener_.get(), kListener, EPOLLIN, EPOLL_CTL_ADD);
    return error == 0 ? Created(std::move(server)) : Created::error(error);
}

ControlServer::~ControlServer() {
    if (listener_) {
        unlink(path_.c_str());
    }
}

int ControlServer::watch(int fd, std::uint64_t id, std::uint32_t events,
                         int operation) const noexcept {
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    return epoll_ctl(epoll_.get(), operation, fd, &event) == 0 ? 0 : errno;
}

void ControlServer::service() noexcept {
    std::array<epoll_event, 16> events{};
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        const auto found = std::find_if(
            connections_.begin(), connections_.end(),
            [&](const Connection& each) { return each.peer.connection == event.data.u64; });
        if (event.data.u64 == kListener) {
            accept_one();
        } else if (found != connections_.end()) {
            serve(*found, event.events);
        }
    }
    remove_dead();
}

void ControlServer::accept_one() {
    base::UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    const auto pid = socket ? allowed_peer(socket.get()) : std::nullopt;
    if (!pid || connections_.size() >= kMaxConnections ||
        watch(socket.get(), last_id_ + 1, EPOLLIN, EPOLL_CTL_ADD) != 0) {
        return;
    }
    connections_.push_back({.peer = {++last_id_, *pid}, .socket = std::move(socket)});
}

void ControlServer::serve(Connection& connection, std::uint32_t events) {
    bool alive = true;
    if ((events & EPOLLOUT) == 0) {
        alive = read_some(connection);
        answer_lines(connection);
    }
    connection.dead = !write_some(connection) || !alive;
    const bool waits = !connection.out.empty();
    // One at a time: who does not take his answers is not asked for more.
    watch(connection.socket.get(), connection.peer.connection, waits ? EPOLLOUT : EPOLLIN,
          EPOLL_CTL_MOD);
}

/// False: the peer is gone, or asks for too much.
bool ControlServer::read_some(Connection& connection) {
    std::array<char, 4096> buffer;
    const ssize_t length = recv(connection.socket.get(), buffer.data(), buffer.size(), 0);
    if (length <= 0) {
        return length < 0 && would_block();
    }
    connection.in.append(buffer.data(), static_cast<std::size_t>(length));
    return connection.in.size() <= kMaxRequest;
}

void ControlServer::answer_lines(Connection& connection) {
    for (auto end = connection.in.find('\n'); end != std::string::npos;
         end = connection.in.find('\n')) {
        const ControlAnswer answer =
            handler_.answer(connection.peer, std::string_view(connection.in).substr(0, end));
        connection.in.erase(0, end + 1);
        connection.out += answer.text + "\n";
        if (answer.fd >= 0) {
            connection.passed.reset(fcntl(answer.fd, F_DUPFD_CLOEXEC, 0));
        }
    }
}

/// False: the peer is gone.
bool ControlServer::write_some(Connection& connection) {
    while (!connection.out.empty()) {
        const ssize_t length =
            send_with(connection.socket.get(), connection.out, connection.passed.get());
        if (length < 0) {
            return would_block();
        }
        connection.passed.reset();
        connection.out.erase(0, static_cast<std::size_t>(length));
    }
    return true;
}

void ControlServer::remove_dead() {
    std::vector<std::uint64_t> gone;
    std::erase_if(connections_, [&gone](const Connection& each) {
        if (each.dead) {
            gone.push_back(each.peer.connection);
        }
        return each.dead;
    });
    std::for_each(gone.begin(), gone.end(), [this](std::uint64_t id) { handler_.ended(id); });
}

}  // namespace vmbus::host
