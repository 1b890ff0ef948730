// One measurement in one EAL process: the queues are shared out over the lcores, the main one
// included; after a warm-up each counts for the same time. In lockstep the main lcore does all,
// a fixed number of bursts between two steps of the host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "measure/histogram.hpp"
#include "options.hpp"
#include "traffic.hpp"

namespace netvsc_bench {

struct Result {
    std::string driver;
    TrafficCounters traffic;
    double seconds = 0;
    std::uint64_t host_ns = 0;  ///< that the host took for its steps
    std::optional<measure::Histogram> latency_cycles;
    std::uint64_t lost = 0;
};

/// Opens the port and measures. Throws std::runtime_error. Requires: EAL runs.
Result measure(const Options& options);

/// The result as one line of JSON.
std::string json_line(const Options& options, const Result& result);

}  // namespace netvsc_bench
