// Budget: how many packets a run may still take up (--count), shared by all lcores; without --count
// there is no end, and nobody writes to it. A packet is taken up when it is received or made, and
// done when it was sent, freed or given up.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace netvsc_fwd {

class Budget {
public:
    /// 0: without end.
    explicit Budget(std::uint64_t count) : count_(count), left_(count) {}

    /// Takes so many, or as many as are left.
    std::uint16_t take(std::uint16_t wanted) {
        if (count_ == 0) {
            return wanted;
        }
        // relaxed: a number; what it allows is the caller's own.
        std::uint64_t left = left_.load(std::memory_order_relaxed);
        std::uint16_t taken = 0;
        do {
            taken = static_cast<std::uint16_t>(std::min<std::uint64_t>(left, wanted));
        } while (!left_.compare_exchange_weak(left, left - taken, std::memory_order_relaxed));
        return taken;
    }
    void give_back(std::uint16_t unused) {
        if (count_ != 0 && unused != 0) {
            // relaxed: a number.
            left_.fetch_add(unused, std::memory_order_relaxed);
        }
    }
    void done(std::uint64_t packets) {
        if (count_ != 0 && packets != 0) {
            // relaxed: a number.
            done_.fetch_add(packets, std::memory_order_relaxed);
        }
    }

    /// All that was allowed is done.
    bool spent() const {
        // relaxed: a number.
        return count_ != 0 && done_.load(std::memory_order_relaxed) >= count_;
    }

private:
    const std::uint64_t count_;
    std::atomic<std::uint64_t> left_;
    std::atomic<std::uint64_t> done_{0};
};

}  // namespace netvsc_fwd
