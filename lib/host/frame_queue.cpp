#include "host/frame_queue.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace vmbus::host {

FrameQueue::FrameQueue() : slots_(kFrames * kLongestFrame), lengths_(kFrames) {}

std::byte* FrameQueue::slot(std::uint64_t position) noexcept {
    return slots_.data() + (position % kFrames) * kLongestFrame;
}

bool FrameQueue::push(base::Bytes frame) noexcept {
    assert(frame.size() <= kLongestFrame);
    if (end_ - held_ == kFrames) {
        return false;
    }
    std::memcpy(slot(end_), frame.data(), frame.size());
    lengths_[end_ % kFrames] = frame.size();
    ++end_;
    return true;
}

std::size_t FrameQueue::pop(std::span<Frame> frames) noexcept {
    held_ = next_;
    const std::size_t count = std::min<std::uint64_t>(frames.size(), end_ - next_);
    for (Frame& frame : frames.first(count)) {
        frame.bytes = base::Bytes(slot(next_), lengths_[next_ % kFrames]);
        ++next_;
    }
    return count;
}

void FrameQueue::clear() noexcept {
    held_ = end_;
    next_ = end_;
}

}  // namespace vmbus::host
