// Pace: how many frames a rate allows by now. What nobody took in time is forgotten but for a tenth
// of a second's worth, so that a guest that was away is not flooded.
// A value; host thread only. Time comes from outside.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace vmbus::host {

class Pace {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Frames a second; nothing: as many as are taken. Requires: *rate in 1..10^9.
    explicit Pace(std::optional<std::uint64_t> rate) noexcept : rate_(rate) {}

    void start(TimePoint now) noexcept {
        start_ = now;
        taken_ = 0;
    }

    std::uint64_t allowed(TimePoint now) noexcept {
        if (!rate_) {
            return UINT64_MAX;
        }
        const std::uint64_t total = due(now);
        const std::uint64_t most_owed = *rate_ / 10 + 1;
        taken_ = std::max(taken_, total - std::min(total, most_owed));
        return total - std::min(total, taken_);
    }

    void took(std::uint64_t frames) noexcept { taken_ += frames; }

private:
    /// Frames that the rate allows since the start.
    std::uint64_t due(TimePoint now) const noexcept {
        constexpr std::uint64_t kSecond = 1'000'000'000;
        const auto elapsed = std::chrono::nanoseconds(now - start_).count();
        const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed, 0));
        return ns / kSecond * *rate_ + ns % kSecond * *rate_ / kSecond;
    }

    std::optional<std::uint64_t> rate_;
    TimePoint start_{};
    std::uint64_t taken_ = 0;  // those included that were due and forgotten
};

}  // namespace vmbus::host
