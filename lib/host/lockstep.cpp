#include "host/lockstep.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace vmbus::host {

base::Result<Lockstep> Lockstep::create() noexcept {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return base::Result<Lockstep>::error(errno);
    }
    base::UniqueFd host(ends[0]);
    base::UniqueFd guest(ends[1]);
    if (::fcntl(guest.get(), F_SETFD, 0) != 0) {
        return base::Result<Lockstep>::error(errno);
    }
    return Lockstep(std::move(host), std::move(guest));
}

std::optional<Lockstep::Request> Lockstep::take() noexcept {
    Request request{};
    const ssize_t bytes = ::recv(host_.get(), &request, sizeof request, MSG_DONTWAIT);
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) {
        return std::nullopt;
    }
    if (bytes == sizeof request && (request.kind == Kind::kStep || request.kind == Kind::kRun)) {
        standing_ = request.kind == Kind::kStep;
        return request;
    }
    // The guest is gone, or is none that knows the protocol: nothing will step us.
    standing_ = false;
    host_.reset();
    return std::nullopt;
}

void Lockstep::answer(const Answer& answer) noexcept {
    // A guest that does not read it does not wait for it.
    static_cast<void>(::send(host_.get(), &answer, sizeof answer, MSG_DONTWAIT | MSG_NOSIGNAL));
}

}  // namespace vmbus::host
