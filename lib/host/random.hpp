// Random: a small, seeded source of numbers (splitmix64, Steele et al., OOPSLA 2014): the same seed
// gives the same run. A value; any one thread.
#pragma once

#include <cstdint>

namespace vmbus::host {

class Random {
public:
    explicit constexpr Random(std::uint64_t seed) noexcept : state_(seed) {}

    constexpr std::uint64_t next() noexcept {
        state_ += 0x9E3779B97F4A7C15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// True in `share` of 2^32 cases.
    constexpr bool chance(std::uint64_t share) noexcept { return next() >> 32 < share; }

private:
    std::uint64_t state_;
};

}  // namespace vmbus::host
