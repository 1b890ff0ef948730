// CompletionQueue: transmit completions on their way from whoever reads the host's ring to the
// thread that sends. One producer at a time (the ring owner), one consumer (the transmit thread);
// no lock. It holds more than a host that keeps the contract can have outstanding; what a forging
// host sends beyond that is refused, and counted by the caller.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/placed.hpp"
#include "base/shared.hpp"

namespace vmbus::netvsc {

struct TxCompletion {
    std::uint64_t id = 0;
    bool success = false;
};

class CompletionQueue {
public:
    /// Requires: capacity > 0. ok() is false when there was no memory.
    explicit CompletionQueue(std::uint32_t capacity)
        : mask_(std::bit_ceil(capacity) - 1),
          entries_(base::make_placed_array<TxCompletion>(mask_ + std::size_t{1})) {}

    bool ok() const noexcept { return entries_ != nullptr; }

    /// Ring owner. False when full.
    bool put(const TxCompletion& completion) noexcept {
        // relaxed: only the ring owner moves it, and owners follow each other by owner.enter.
        const std::uint32_t tail = tail_.load_relaxed();
        // sync completed.reuse -> completed.free: the entry was read before it is overwritten.
        if (tail - head_.load_acquire() > mask_) {
            return false;
        }
        entries_[tail & mask_] = completion;
        // sync completed.put -> completed.take: the entry before the index that announces it.
        tail_.store_release(tail + 1);
        return true;
    }

    /// Transmit thread. Hands each to `visit`, `most` at most; returns how many that were.
    template <class Visit>
    std::uint32_t take(Visit&& visit, std::uint32_t most = UINT32_MAX) noexcept {
        // relaxed: only the transmit thread moves it.
        const std::uint32_t head = head_.load_relaxed();
        // sync completed.take -> completed.put: the index before the entries that it announces.
        const std::uint32_t count = std::min(tail_.load_acquire() - head, most);
        for (std::uint32_t i = head; i != head + count; ++i) {
            visit(entries_[i & mask_]);
        }
        if (count != 0) {
            // sync completed.free -> completed.reuse: the entries are read.
            head_.store_release(head + count);
        }
        return count;
    }

private:
    // Constant after construction.
    std::uint32_t mask_;
    base::PlacedArray<TxCompletion> entries_;
    // Ring owner writes.
    alignas(64) base::Shared<std::uint32_t> tail_{0};
    // Transmit thread writes.
    alignas(64) base::Shared<std::uint32_t> head_{0};
};

}  // namespace vmbus::netvsc
