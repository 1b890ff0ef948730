// StepPort: another port in front of which the frames for the guest wait: in lockstep each step
// lets through as many as it says. What the guest sends passes unhindered.
// Owned by its NIC, host thread. Docs: docs/emulator.md, "Lockstep".
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "host/port.hpp"

namespace vmbus::host {

class StepPort final : public Port {
public:
    explicit StepPort(std::unique_ptr<Port> port) noexcept : port_(std::move(port)) {}

    /// From now on at most so many frames pass.
    void allow(std::uint64_t frames) noexcept { allowed_ = frames; }

    void transmit(std::span<const Frame> frames) noexcept override { port_->transmit(frames); }
    std::size_t receive(std::span<Frame> frames) noexcept override {
        const std::size_t wanted = std::min<std::uint64_t>(frames.size(), allowed_);
        const std::size_t got = wanted == 0 ? 0 : port_->receive(frames.first(wanted));
        allowed_ -= got;
        return got;
    }
    void set_filter(std::uint32_t ndis_filter) noexcept override { port_->set_filter(ndis_filter); }
    void guest_closed() noexcept override { port_->guest_closed(); }
    bool turn() noexcept override { return port_->turn(); }
    std::span<const Drop> drops() const noexcept override { return port_->drops(); }
    std::vector<Figure> figures() const override { return port_->figures(); }
    int poll_fd() const noexcept override { return port_->poll_fd(); }
    std::string take_error() noexcept override { return port_->take_error(); }

private:
    std::unique_ptr<Port> port_;
    std::uint64_t allowed_ = 0;
};

}  // namespace vmbus::host
