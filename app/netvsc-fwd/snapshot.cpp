#include "snapshot.hpp"

#include <algorithm>

namespace netvsc_fwd {
namespace {

QueueSnapshot& queue_of(PortSnapshot& port, std::uint16_t number) {
    port.queues.resize(std::max<std::size_t>(port.queues.size(), number + std::size_t{1}));
    return port.queues[number];
}

/// What was received from queues of the port, and what was sent on them.
void add_own(const Forwarder& forwarder, PortSnapshot& port) {
    const ForwardCounters all = forwarder.counters();
    const Route& route = forwarder.route();
    if (route.from && route.from->port == port.id) {
        const ForwardCounters in{.received = all.received, .consumed = all.consumed};
        port.own += in;
        queue_of(port, route.from->number).own += in;
    }
    if (route.to.port == port.id) {
        const ForwardCounters out{.sent = all.sent, .dropped = all.dropped};
        port.own += out;
        queue_of(port, route.to.number).own += out;
    }
}

}  // namespace

std::uint64_t rate(std::uint64_t now, std::uint64_t before, double seconds) {
    const double growth = now > before ? static_cast<double>(now - before) : 0.0;
    return seconds > 0 ? static_cast<std::uint64_t>(growth / seconds) : 0;
}

std::uint64_t lost_by_driver(const rte_eth_stats& counters) {
    return counters.imissed + counters.ierrors + counters.rx_nombuf + counters.oerrors;
}

std::string words_of(const rte_eth_link& link) {
    if (link.link_status != RTE_ETH_LINK_UP) {
        return "down";
    }
    if (link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN || link.link_speed == 0) {
        return "up";
    }
    return link.link_speed % 1000 == 0 ? std::to_string(link.link_speed / 1000) + " Gbit/s"
                                       : std::to_string(link.link_speed) + " Mbit/s";
}

const char* path_of(const XstatFigures& xstats) {
    if (!xstats.on_vf) {
        return "-";
    }
    return *xstats.on_vf ? "VF" : "synthetic";
}

std::uint64_t missing_round_trips(const Snapshot& snapshot) {
    const auto& cycles = snapshot.report.round_trip_cycles;
    const std::uint64_t arrived = cycles ? cycles->total() : snapshot.own.sent;
    return snapshot.own.sent - std::min(arrived, snapshot.own.sent);
}

SnapshotTaker::SnapshotTaker(const Ports& ports, const Forwarders& forwarders)
    : ports_(ports), forwarders_(forwarders) {
    for (const Port& port : ports.all()) {
        xstats_.emplace_back(port.id);
    }
}

Snapshot SnapshotTaker::take(std::uint64_t now_cycles) {
    Snapshot snapshot{.cycles = now_cycles};
    for (std::size_t n = 0; n < ports_.all().size(); ++n) {
        PortSnapshot port{.id = ports_.all()[n].id, .driver = ports_.all()[n].driver};
        rte_eth_stats_get(port.id, &port.counters);
        rte_eth_link_get_nowait(port.id, &port.link);
        port.xstats = xstats_[n].read();
        for (const Forwarder& forwarder : forwarders_) {
            add_own(forwarder, port);
        }
        for (std::size_t q = 0; q < std::min(port.queues.size(), port.xstats.rings.size()); ++q) {
            port.queues[q].ring = port.xstats.rings[q];
        }
        snapshot.ports.push_back(std::move(port));
    }
    for (const Forwarder& forwarder : forwarders_) {
        snapshot.own += forwarder.counters();
        forwarder.report(snapshot.report);
    }
    return snapshot;
}

}  // namespace netvsc_fwd
