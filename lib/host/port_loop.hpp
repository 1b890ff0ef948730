// LoopPort: what the guest sends comes back to it, in order. Host thread only.
#pragma once

#include <array>

#include "host/frame_queue.hpp"
#include "host/replay.hpp"

namespace vmbus::host {

class LoopPort final : public Port {
public:
    explicit LoopPort(Replay& replay) : replay_(replay) {}

    void transmit(std::span<const Frame> frames) noexcept override;
    std::size_t receive(std::span<Frame> frames) noexcept override;
    void guest_closed() noexcept override { queue_.clear(); }
    std::span<const Drop> drops() const noexcept override { return drops_; }

private:
    void keep(base::Bytes frame) noexcept;

    Replay& replay_;
    FrameQueue queue_;
    std::array<Drop, 2> drops_{{{"loop_queue_full", 0}, {"loop_too_long", 0}}};
};

}  // namespace vmbus::host
