#include "json_lines.hpp"

#include <nlohmann/json.hpp>

#include "round_trips.hpp"

namespace netvsc_fwd {
namespace {

using Json = nlohmann::ordered_json;

/// What is missing is not there.
void put(Json& to, const char* name, const std::optional<std::uint64_t>& value) {
    if (value) {
        to[name] = *value;
    }
}

Json queue_json(std::size_t number, const QueueSnapshot& queue) {
    Json json = {{"queue", number},
                 {"rx_packets", queue.own.received},
                 {"tx_packets", queue.own.sent},
                 {"tx_dropped", queue.own.dropped}};
    put(json, "rx_ring_used", queue.ring.rx_used);
    put(json, "rx_ring_size", queue.ring.rx_size);
    put(json, "tx_ring_used", queue.ring.tx_used);
    put(json, "tx_ring_size", queue.ring.tx_size);
    put(json, "signals", queue.ring.signals);
    return json;
}

Json port_json(const PortSnapshot& port, const rte_eth_stats& before, double seconds) {
    const rte_eth_stats& now = port.counters;
    Json json = {{"port", port.id},
                 {"driver", port.driver},
                 {"link_up", port.link.link_status == RTE_ETH_LINK_UP},
                 {"rx_packets", now.ipackets},
                 {"rx_bytes", now.ibytes},
                 {"rx_missed", now.imissed},
                 {"rx_errors", now.ierrors},
                 {"rx_nombuf", now.rx_nombuf},
                 {"tx_packets", now.opackets},
                 {"tx_bytes", now.obytes},
                 {"tx_errors", now.oerrors},
                 {"rx_pps", rate(now.ipackets, before.ipackets, seconds)},
                 {"rx_bps", 8 * rate(now.ibytes, before.ibytes, seconds)},
                 {"tx_pps", rate(now.opackets, before.opackets, seconds)},
                 {"tx_bps", 8 * rate(now.obytes, before.obytes, seconds)}};
    if (port.xstats.on_vf) {
        json["path"] = path_of(port.xstats);
    }
    json["causes"] = port.xstats.causes;
    json["queues"] = Json::array();
    for (std::size_t q = 0; q < port.queues.size(); ++q) {
        json["queues"].push_back(queue_json(q, port.queues[q]));
    }
    return json;
}

Json counters_json(const ForwardCounters& counters) {
    return {{"rx_packets", counters.received},
            {"tx_packets", counters.sent},
            {"tx_dropped", counters.dropped},
            {"consumed", counters.consumed}};
}

void add_report(Json& to, const Snapshot& snapshot, std::uint64_t cycles_per_second) {
    if (!snapshot.report.round_trip_cycles) {
        return;
    }
    const measure::Histogram& cycles = *snapshot.report.round_trip_cycles;
    Json& json = to["latency_ns"];
    for (const RoundTripFigure& figure : round_trips_ns(cycles, cycles_per_second)) {
        json[figure.name] = figure.ns;
    }
    json["frames"] = cycles.total();
    json["missing"] = missing_round_trips(snapshot);
}

}  // namespace

std::string json_interval(const Snapshot& now, const Snapshot& before,
                          std::uint64_t cycles_per_second) {
    const double seconds =
        static_cast<double>(now.cycles - before.cycles) / static_cast<double>(cycles_per_second);
    Json json = {{"seconds", seconds}, {"ports", Json::array()}};
    for (std::size_t n = 0; n < now.ports.size(); ++n) {
        json["ports"].push_back(port_json(now.ports[n], before.ports[n].counters, seconds));
    }
    add_report(json, now, cycles_per_second);
    return json.dump();
}

std::string json_totals(const Snapshot& last, std::uint64_t cycles_per_second) {
    Json json = {{"total", counters_json(last.own)}, {"ports", Json::array()}};
    for (const PortSnapshot& port : last.ports) {
        Json own = counters_json(port.own);
        own["port"] = port.id;
        json["ports"].push_back(std::move(own));
    }
    json["bad_ip_checksums"] = last.report.bad_ip_checksums;
    json["bad_l4_checksums"] = last.report.bad_l4_checksums;
    add_report(json, last, cycles_per_second);
    return json.dump();
}

}  // namespace netvsc_fwd
