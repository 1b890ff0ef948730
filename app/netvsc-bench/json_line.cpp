#include <rte_cycles.h>

#include <nlohmann/json.hpp>

#include "measurement.hpp"

namespace netvsc_bench {
namespace {

using Json = nlohmann::ordered_json;

double ns_of(std::uint64_t cycles) {
    return static_cast<double>(cycles) * 1e9 / static_cast<double>(rte_get_tsc_hz());
}

Json latency_of(const measure::Histogram& cycles) {
    return {{"p50", ns_of(cycles.percentile(500))},      {"p90", ns_of(cycles.percentile(900))},
            {"p99", ns_of(cycles.percentile(990))},      {"p99.9", ns_of(cycles.percentile(999))},
            {"p99.99", ns_of(cycles.percentile(999.9))}, {"max", ns_of(cycles.max())}};
}

}  // namespace

std::string json_line(const Options& options, const Result& result) {
    const TrafficCounters& traffic = result.traffic;
    const auto packets = static_cast<double>(traffic.packets);
    Json json = {{"measure", to_string(options.mode)},
                 {"driver", result.driver},
                 {"size", options.size},
                 {"queues", options.queues},
                 {"burst", options.burst},
                 {"seconds", result.seconds},
                 {"packets", traffic.packets},
                 {"bytes", traffic.bytes},
                 {"calls", traffic.calls},
                 {"idle_calls", traffic.idle_calls},
                 {"pps", packets / result.seconds},
                 {"ns_per_packet", result.seconds * 1e9 / packets},
                 {"busy_ns_per_packet", ns_of(traffic.busy_cycles) / packets}};
    if (options.steps != 0) {
        json["host_ns_per_packet"] = static_cast<double>(result.host_ns) / packets;
    }
    if (result.latency_cycles) {
        json["latency_ns"] = latency_of(*result.latency_cycles);
        json["lost"] = result.lost;
    }
    return json.dump();
}

}  // namespace netvsc_bench
