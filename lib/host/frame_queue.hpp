// FrameQueue: a bounded FIFO of copied frames, for ports that hold frames until their guest has
// room. All memory is taken when it is made. Host thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "host/port.hpp"

namespace vmbus::host {

class FrameQueue {
public:
    static constexpr std::size_t kFrames = 512;
    /// The largest mtu, an Ethernet header and a VLAN tag.
    static constexpr std::size_t kLongestFrame = 9202 + 14 + 4;

    FrameQueue();

    /// False: full.  Requires: frame.size() <= kLongestFrame.
    bool push(base::Bytes frame) noexcept;

    /// Takes the oldest frames. Their bytes stay as they are until the next pop() or clear().
    std::size_t pop(std::span<Frame> frames) noexcept;

    void clear() noexcept;

private:
    std::byte* slot(std::uint64_t position) noexcept;

    std::vector<std::byte> slots_;
    std::vector<std::size_t> lengths_;
    // Positions only grow; held_ <= next_ <= end_ <= held_ + kFrames.
    std::uint64_t held_ = 0;  ///< handed out by the last pop() from here
    std::uint64_t next_ = 0;  ///< the oldest frame in the queue
    std::uint64_t end_ = 0;
};

}  // namespace vmbus::host
