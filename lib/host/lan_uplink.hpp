// LanUplink: plugs a port that is not a NIC, such as a tap device or a capture file, into a lan. It
// sees every frame that is flooded, and those for stations behind it. Owned by the machine; host
// thread only.
#pragma once

#include <memory>

#include "host/vswitch.hpp"

namespace vmbus::host {

class LanUplink final : public LanMember {
public:
    LanUplink(std::shared_ptr<Lan> lan, std::unique_ptr<Port> port);
    ~LanUplink() override;
    LanUplink(const LanUplink&) = delete;
    LanUplink& operator=(const LanUplink&) = delete;

    void deliver(base::Bytes frame) noexcept override;
    /// Takes in what the port has, a bounded number. True when there was something, or something
    /// waits for its time.
    bool turn() noexcept;

    Port& port() noexcept { return *port_; }
    const Port& port() const noexcept { return *port_; }

private:
    const std::shared_ptr<Lan> lan_;
    const std::unique_ptr<Port> port_;
};

}  // namespace vmbus::host
