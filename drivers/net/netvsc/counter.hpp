// Counter: a figure that one thread at a time adds to and any thread reads.
// reset() does not touch the adder's word, so it can be called while packets flow.
// Owned by whoever counts; see stats.hpp for the names.
#pragma once

#include <array>
#include <cstdint>

#include "base/shared.hpp"

namespace vmbus::netvsc {

class Counter {
public:
    /// One thread at a time.
    void add(std::uint64_t n = 1) noexcept {
        // relaxed: a figure; there is one writer at a time.
        total_.store_relaxed(total_.load_relaxed() + n);
    }
    std::uint64_t value() const noexcept {
        // relaxed: a figure for people.
        return total_.load_relaxed() - forgotten_.load_relaxed();
    }
    void reset() noexcept {
        // relaxed: a figure for people.
        forgotten_.store_relaxed(total_.load_relaxed());
    }

private:
    base::Shared<std::uint64_t> total_{0};
    base::Shared<std::uint64_t> forgotten_{0};
};

/// Counters by an enum whose last enumerator is kCount.
template <class Which>
class Counters {
public:
    static constexpr std::size_t kSize = static_cast<std::size_t>(Which::kCount);

    Counter& operator[](Which which) noexcept { return all_[static_cast<std::size_t>(which)]; }
    const Counter& operator[](Which which) const noexcept {
        return all_[static_cast<std::size_t>(which)];
    }
    const Counter& at(std::size_t i) const noexcept { return all_[i]; }
    void reset() noexcept {
        for (Counter& counter : all_) {
            counter.reset();
        }
    }

private:
    std::array<Counter, kSize> all_{};
};

}  // namespace vmbus::netvsc
