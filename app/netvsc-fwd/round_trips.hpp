// The percentiles of round trips that mode latency reports, in nanoseconds. A value.
#pragma once

#include <array>
#include <cstdint>

#include "measure/histogram.hpp"

namespace netvsc_fwd {

struct RoundTripFigure {
    const char* name;
    double ns;
};

inline std::array<RoundTripFigure, 5> round_trips_ns(const measure::Histogram& cycles,
                                                     std::uint64_t cycles_per_second) {
    const auto ns = [cycles_per_second](std::uint64_t value) {
        return static_cast<double>(value) * 1e9 / static_cast<double>(cycles_per_second);
    };
    return {{{"p50", ns(cycles.percentile(500))},
             {"p90", ns(cycles.percentile(900))},
             {"p99", ns(cycles.percentile(990))},
             {"p99.9", ns(cycles.percentile(999))},
             {"max", ns(cycles.max())}}};
}

}  // namespace netvsc_fwd
