// Lan: a learning switch among the NICs that name the same lan. LanPort: one NIC's place on it.
// Host thread only. A lan lives as long as a port is on it; every queue and the address table are
// bounded, whatever a guest sends.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "host/frame_queue.hpp"
#include "host/replay.hpp"

namespace vmbus::host {

class LanPort;

class Lan {
public:
    /// A guest may invent sources: past this many, further ones are flooded to, not learned.
    static constexpr std::size_t kMostAddresses = 4096;

    void join(LanPort& port);
    void leave(LanPort& port) noexcept;

    /// Requires: frame.size() >= 14.
    void forward(LanPort& origin, base::Bytes frame) noexcept;

private:
    void learn(std::uint64_t source, LanPort& origin) noexcept;

    std::vector<LanPort*> ports_;
    std::unordered_map<std::uint64_t, LanPort*> places_;  // station address -> where it is
};

class LanPort final : public Port {
public:
    LanPort(std::shared_ptr<Lan> lan, Replay& replay);
    ~LanPort() override;
    LanPort(const LanPort&) = delete;
    LanPort& operator=(const LanPort&) = delete;

    void transmit(std::span<const Frame> frames) noexcept override;
    std::size_t receive(std::span<Frame> frames) noexcept override;
    void guest_closed() noexcept override { queue_.clear(); }
    std::span<const Drop> drops() const noexcept override { return drops_; }

    /// From the lan: a frame for this NIC.
    void deliver(base::Bytes frame) noexcept;

private:
    const std::shared_ptr<Lan> lan_;
    Replay& replay_;
    FrameQueue queue_;
    std::array<Drop, 3> drops_{{{"lan_queue_full", 0}, {"lan_too_long", 0}, {"lan_runt", 0}}};
};

}  // namespace vmbus::host
