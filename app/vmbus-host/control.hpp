// Control: what a running host answers on its control socket: its state, a place for one more
// guest, and things done to it. Requests and answers are JSON objects, one a line;
// docs/emulator.md. Owned by main, host thread.
#pragma once

#include <map>
#include <string>

#include "host/control_server.hpp"
#include "host/machine.hpp"

namespace vmbus::host {

class Control final : public ControlHandler {
public:
    explicit Control(Machine& machine) : machine_(machine) {}

    ControlAnswer answer(const ControlPeer& peer, std::string_view request) override;
    void ended(std::uint64_t connection) noexcept override { guests_.erase(connection); }

private:
    struct Guest {
        pid_t pid = 0;
        std::string command;
    };

    std::string status() const;

    Machine& machine_;
    std::map<std::uint64_t, Guest> guests_;  // by the connection of their `attach`
};

}  // namespace vmbus::host
