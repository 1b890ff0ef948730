// Threads on chosen CPUs, how fast they go together, and how far apart two CPUs are at the moment:
// virtual CPUs move between neighbouring and distant cores, and figures of the two regimes must not
// be mixed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace vmbus::bench {

/// What one thread does again and again; returns the packets of one step.
using Step = std::function<unsigned()>;

struct Worker {
    unsigned cpu;  ///< index into the CPUs that this process may use
    bool counts;   ///< whether its packets are the result
    Step step;
};

struct Rate {
    double packets_per_second = 0;
    double round_trip_before_ns = 0;
    double round_trip_after_ns = 0;
};

/// How many CPUs this process may use.
unsigned usable_cpus();

/// One line's way to the other CPU and back: the best of some batches, since others may use the
/// CPUs too. 0 with one CPU.
double line_round_trip_ns();

/// Runs all workers at once: first to warm up, then counting. Packets count from the first
/// collision of producers on, so a short burst before it does not hide that they block each other.
Rate run_together(const std::vector<Worker>& workers, std::chrono::milliseconds duration);

}  // namespace vmbus::bench
