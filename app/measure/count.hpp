// Count: a number that one thread counts up and any thread may read. A copy is what it was at
// that moment.
#pragma once

#include <atomic>
#include <cstdint>

namespace measure {

class Count {
public:
    Count() = default;
    Count(const Count& other) : value_(other.value()) {}
    Count& operator=(const Count& other) {
        // relaxed: a statistic, it announces nothing.
        value_.store(other.value(), std::memory_order_relaxed);
        return *this;
    }
    ~Count() = default;

    /// The one thread.
    void add(std::uint64_t more) {
        // relaxed: a statistic, and nobody else stores.
        value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }
    void raise_to(std::uint64_t value) {
        if (value > this->value()) {
            // relaxed: a statistic, and nobody else stores.
            value_.store(value, std::memory_order_relaxed);
        }
    }
    /// Any thread.
    std::uint64_t value() const {
        // relaxed: a statistic, it announces nothing.
        return value_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> value_{0};
};

}  // namespace measure
