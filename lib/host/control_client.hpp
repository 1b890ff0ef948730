// The other end of a host's control socket: asks one thing at a time and waits for the answer, not
// for ever. Owned by one thread.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace vmbus::host {

class ControlClient {
public:
    struct Answer {
        std::string text;
        base::UniqueFd fd{};  // if one came with it
    };

    /// Errors: those of connect(2).
    static base::Result<ControlClient> connect(const std::string& path) noexcept;

    /// `request` is one line, without its end. Errors: EPIPE when the host went away, EAGAIN when
    /// it does not answer in time.
    base::Result<Answer> ask(const std::string& request) noexcept;

private:
    explicit ControlClient(base::UniqueFd socket) noexcept : socket_(std::move(socket)) {}

    base::UniqueFd socket_;
};

}  // namespace vmbus::host
