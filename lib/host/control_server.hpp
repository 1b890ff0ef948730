// ControlServer: the running host's end of its control socket. A request is a line, its answer
// another; who answers decides what they mean. A peer that is slow, floods or goes away costs its
// own connection and nothing else.
// Owned by the program, host thread; nothing blocks.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "host/service.hpp"

namespace vmbus::host {

struct ControlAnswer {
    std::string text;  ///< one line, without its end
    int fd = -1;       ///< travels with it; -1: none. Stays the answerer's.
};

/// Who asks.
struct ControlPeer {
    std::uint64_t connection = 0;  ///< another number for each connection there ever was
    pid_t pid = 0;                 ///< as the host's PID namespace has it, whatever the peer's says
};

class ControlHandler {
public:
    virtual ControlAnswer answer(const ControlPeer& peer, std::string_view request) = 0;
    /// The peer went away.
    virtual void ended(std::uint64_t connection) noexcept = 0;

protected:
    ~ControlHandler() = default;
};

class ControlServer final : public Service {
public:
    static constexpr std::size_t kMaxRequest = 256U << 10;
    static constexpr std::size_t kMaxConnections = 64;

    /// `handler` outlives it. Errors: those of listen_for_control().
    static base::Result<std::unique_ptr<ControlServer>> create(const std::string& path,
                                                               ControlHandler& handler) noexcept;
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    int poll_fd() const noexcept override { return epoll_.get(); }
    void service() noexcept override;

private:
    struct Connection {
        ControlPeer peer;
        base::UniqueFd socket;
        std::string in{};
        std::string out{};
        base::UniqueFd passed{};  // goes with the first byte of `out`
        bool dead = false;
    };

    ControlServer(std::string path, ControlHandler& handler) noexcept
        : path_(std::move(path)), handler_(handler) {}

    int watch(int fd, std::uint64_t id, std::uint32_t events, int operation) const noexcept;
    void accept_one();
    void serve(Connection& connection, std::uint32_t events);
    bool read_some(Connection& connection);
    bool write_some(Connection& connection);
    void answer_lines(Connection& connection);
    void remove_dead();

    const std::string path_;
    ControlHandler& handler_;
    base::UniqueFd epoll_;
    base::UniqueFd listener_;
    std::uint64_t last_id_ = 0;
    std::vector<Connection> connections_;
};

}  // namespace vmbus::host
