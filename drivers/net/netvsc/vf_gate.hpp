// VfGate: whether a queue's bursts go through the VF, and whether one does right now. Opening it is
// one store; closing it is one store and a wait until nobody is inside, after which the VF may be
// stopped. A burst never waits, and a closed gate costs it a load of a word of its own queue.
// One for each queue, owned by it. enter() and leave(): the lcore of the queue; the rest: the
// control thread under Vf's mutex. Docs: docs/memory-model.md, "The way through the VF". No DPDK.
#pragma once

#include <cstdint>

#include "base/shared.hpp"

namespace vmbus::netvsc {

/// A queue of another port.
struct VfQueue {
    std::uint16_t port = 0;
    std::uint16_t queue = 0;
};

class VfGate {
public:
    /// Whether it is worth entering.
    bool looks_open() const noexcept {
        // relaxed: only a look; enter() decides.
        return way_.load_relaxed() != kClosed;
    }
    /// False when it is closed. When it is not, leave() must follow, and soon.
    bool enter(VfQueue& to) noexcept {
        // sync vf.enter -> vf.empty: I say that I am inside before I look whether I may be.
        inside_.store_seq_cst(1);
        // sync vf.look -> vf.close, vf.open: the way is looked at after that; the VF is set up.
        const std::uint32_t way = way_.load_seq_cst();
        if (way == kClosed) [[unlikely]] {
            leave();
            return false;
        }
        to = {.port = static_cast<std::uint16_t>(way),
              .queue = static_cast<std::uint16_t>(way >> 16 & kMaxQueue)};
        return true;
    }
    void leave() noexcept {
        // sync vf.leave -> vf.empty: what I did to the VF's queue, before it is stopped.
        inside_.store_release(0);
    }

    /// Requires: the queue is set up and its port started.
    void open(VfQueue to) noexcept {
        // sync vf.open -> vf.look: the VF is set up before its number is seen.
        way_.store_release(kOpen | std::uint32_t{to.queue} << 16 | to.port);
    }
    void close() noexcept {
        // sync vf.close -> vf.look: no way in any more, before I look whether anybody is inside.
        way_.store_seq_cst(kClosed);
    }
    /// After close(): true as soon as nobody is inside, and for good.
    bool empty() const noexcept {
        // sync vf.empty -> vf.enter, vf.leave: who is not seen here sees the closed gate.
        return inside_.load_seq_cst() == 0;
    }

private:
    static constexpr std::uint32_t kClosed = 0;
    static constexpr std::uint32_t kOpen = 1U << 31;
    static constexpr std::uint32_t kMaxQueue = 0x7FFF;

    alignas(64) base::Shared<std::uint32_t> way_{kClosed};
    base::Shared<std::uint32_t> inside_{0};
};

}  // namespace vmbus::netvsc
