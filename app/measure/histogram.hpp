// Histogram: how often each value occurred, with 64 steps to each power of two, so that a
// percentile is at most 1.6 percent off and nothing grows with the number of samples.
// One thread adds; any thread may copy it meanwhile, and read the copy.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "measure/count.hpp"

namespace measure {

class Histogram {
public:
    void add(std::uint64_t value) {
        counts_[bucket_of(value)].add(1);
        max_.raise_to(value);
    }
    Histogram& operator+=(const Histogram& other) {
        for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
            counts_[bucket].add(other.counts_[bucket].value());
        }
        max_.raise_to(other.max());
        return *this;
    }

    std::uint64_t total() const {
        std::uint64_t sum = 0;
        for (const Count& count : counts_) {
            sum += count.value();
        }
        return sum;
    }
    std::uint64_t max() const { return max_.value(); }

    /// The least value that `per_mille` of the samples do not exceed; 0 when there are none.
    std::uint64_t percentile(double per_mille) const {
        const std::uint64_t all = total();
        const auto wanted = static_cast<std::uint64_t>(static_cast<double>(all) * per_mille / 1000);
        std::uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
            seen += counts_[bucket].value();
            if (seen > wanted || (seen == all && all > 0)) {
                return std::min(upper_end_of(bucket), max());
            }
        }
        return 0;
    }

private:
    static constexpr unsigned kStepBits = 6;
    static constexpr std::uint64_t kSteps = 1U << kStepBits;

    static constexpr std::size_t bucket_of(std::uint64_t value) {
        if (value < kSteps) {
            return value;
        }
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - kStepBits - 1;
        return (shift + 1) * kSteps + ((value >> shift) - kSteps);
    }
    static constexpr std::uint64_t upper_end_of(std::size_t bucket) {
        if (bucket < kSteps) {
            return bucket;
        }
        const auto shift = static_cast<unsigned>(bucket / kSteps) - 1;
        return ((bucket % kSteps + kSteps + 1) << shift) - 1;
    }

    Count max_;
    std::array<Count, (64 - kStepBits + 1) * kSteps> counts_{};
};

}  // namespace measure
