// LatencyHistogram: how long things took, to within 3 %, in fixed memory: 32 steps for each power
// of two nanoseconds. A value; one thread.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace vmbus::host {

class LatencyHistogram {
public:
    void add(std::uint64_t ns) noexcept {
        ++buckets_[bucket_of(ns)];
        ++count_;
        least_ = std::min(least_, ns);
        most_ = std::max(most_, ns);
    }

    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t least() const noexcept { return count_ == 0 ? 0 : least_; }
    std::uint64_t most() const noexcept { return most_; }

    /// The value that `share` of all do not exceed.  Requires: share in 0..1.
    std::uint64_t percentile(double share) const noexcept {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i];
            if (seen > 0 && seen >= wanted) {
                return std::clamp(top_of(i), least(), most_);
            }
        }
        return most_;
    }

private:
    static constexpr unsigned kStepBits = 5;
    static constexpr std::uint64_t kSteps = 1U << kStepBits;
    static constexpr std::size_t kBuckets = (64 - kStepBits + 1) * kSteps;

    static std::size_t bucket_of(std::uint64_t ns) noexcept {
        if (ns < kSteps) {
            return ns;
        }
        const auto shift = static_cast<unsigned>(std::bit_width(ns)) - kStepBits - 1;
        return (shift + 1) * kSteps + (ns >> shift) - kSteps;
    }
    static std::uint64_t top_of(std::size_t bucket) noexcept {
        if (bucket < kSteps) {
            return bucket;
        }
        const auto shift = static_cast<unsigned>(bucket / kSteps - 1);
        return ((bucket % kSteps + kSteps + 1) << shift) - 1;
    }

    std::array<std::uint64_t, kBuckets> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t least_ = UINT64_MAX;
    std::uint64_t most_ = 0;
};

}  // namespace vmbus::host
