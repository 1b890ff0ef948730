#include "host/port_loop.hpp"

namespace vmbus::host {

void LoopPort::transmit(std::span<const Frame> frames) noexcept {
    replay_.guest_sent(frames.size());
    for (const Frame& frame : frames) {
        keep(frame.bytes);
    }
}

void LoopPort::keep(base::Bytes frame) noexcept {
    if (frame.size() > FrameQueue::kLongestFrame) {
        ++drops_[1].frames;
    } else if (!queue_.push(frame)) {
        ++drops_[0].frames;
    }
}

std::size_t LoopPort::receive(std::span<Frame> frames) noexcept {
    return queue_.pop(frames);
}

}  // namespace vmbus::host
