#include "measurement.hpp"

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "latency.hpp"
#include "stepper.hpp"

namespace netvsc_bench {
namespace {

/// The queues of one lcore.
struct Share {
    std::vector<Traffic> queues;
    std::uint64_t count_from = 0;
    std::uint64_t count_to = 0;
    std::uint64_t cycles = 0;  ///< that it counted
};

void run_until(Share& share, std::uint64_t end) {
    while (rte_rdtsc() < end) {
        for (Traffic& queue : share.queues) {
            queue.turn();
        }
    }
}

int run_share(void* argument) {
    Share& share = static_cast<std::vector<Share>*>(argument)->at(
        static_cast<std::size_t>(rte_lcore_index(-1)));
    run_until(share, share.count_from);
    for (Traffic& queue : share.queues) {
        queue.reset();
    }
    const std::uint64_t start = rte_rdtsc();
    run_until(share, share.count_to);
    share.cycles = rte_rdtsc() - start;
    for (Traffic& queue : share.queues) {
        queue.finish();
    }
    return 0;
}

void add(TrafficCounters& sum, const TrafficCounters& each) {
    sum.packets += each.packets;
    sum.bytes += each.bytes;
    sum.calls += each.calls;
    sum.idle_calls += each.idle_calls;
    sum.busy_cycles += each.busy_cycles;
}

std::uint64_t cycles_of(double seconds) {
    return static_cast<std::uint64_t>(seconds * static_cast<double>(rte_get_tsc_hz()));
}

double seconds_of(std::uint64_t cycles) {
    return static_cast<double>(cycles) / static_cast<double>(rte_get_tsc_hz());
}

void measure_rate(const Port& port, const Options& options, Result& result) {
    std::vector<Share> shares(rte_lcore_count());
    const std::uint64_t from = rte_rdtsc() + cycles_of(options.warm_up_s);
    for (Share& share : shares) {
        share.count_from = from;
        share.count_to = from + cycles_of(options.seconds);
    }
    for (std::uint16_t queue = 0; queue < options.queues; ++queue) {
        shares[queue % shares.size()].queues.emplace_back(port, queue, options);
    }
    rte_eal_mp_remote_launch(run_share, &shares, CALL_MAIN);
    rte_eal_mp_wait_lcore();
    for (const Share& share : shares) {
        for (const Traffic& queue : share.queues) {
            add(result.traffic, queue.counters());
        }
        result.seconds = std::max(result.seconds, seconds_of(share.cycles));
    }
}

void measure_steps(const Port& port, const Options& options, Result& result) {
    std::vector<Traffic> queues;
    for (std::uint16_t queue = 0; queue < options.queues; ++queue) {
        queues.emplace_back(port, queue, options);
    }
    const std::uint64_t start = rte_rdtsc();
    Stepper host;
    for (std::uint64_t step = 0; step < options.steps; ++step) {
        result.host_ns +=
            host.step(std::uint32_t{options.bursts_per_step} * options.burst * options.queues);
        for (unsigned turn = 0; turn < options.bursts_per_step; ++turn) {
            for (Traffic& queue : queues) {
                queue.turn();
            }
        }
    }
    result.seconds = seconds_of(rte_rdtsc() - start);
    for (Traffic& queue : queues) {
        add(result.traffic, queue.counters());
        queue.finish();
    }
}

void measure_latency(const Port& port, const Options& options, Result& result) {
    RoundTrips trips(port, options);
    const std::uint64_t from = rte_rdtsc() + cycles_of(options.warm_up_s);
    while (rte_rdtsc() < from) {
        trips.one();
    }
    trips.reset();
    const std::uint64_t start = rte_rdtsc();
    while (rte_rdtsc() < start + cycles_of(options.seconds)) {
        trips.one();
    }
    result.seconds = seconds_of(rte_rdtsc() - start);
    result.latency_cycles = trips.cycles();
    result.traffic.packets = trips.cycles().total();
    result.lost = trips.lost();
}

}  // namespace

Result measure(const Options& options) {
    const Port port(options.queues);
    Result result;
    result.driver = port.driver();
    if (options.mode == Mode::kLatency) {
        measure_latency(port, options, result);
    } else if (options.steps != 0) {
        measure_steps(port, options, result);
    } else {
        measure_rate(port, options, result);
    }
    if (result.traffic.packets == 0) {
        throw std::runtime_error("no packet moved");
    }
    return result;
}

}  // namespace netvsc_bench
