#include "statistics.hpp"

#include <rte_cycles.h>

#include <cinttypes>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace netvsc_fwd {

namespace {

constexpr char kBorder[] = "########################";
constexpr char kDashes[] = "----------------------";
constexpr char kPluses[] = "+++++++++++++++";

std::uint64_t rate(std::uint64_t now, std::uint64_t before, double seconds) {
    const double growth = now > before ? static_cast<double>(now - before) : 0.0;
    return static_cast<std::uint64_t>(growth / seconds);
}

rte_eth_stats read(std::uint16_t port) {
    rte_eth_stats counters{};
    rte_eth_stats_get(port, &counters);
    return counters;
}

void print_counters(std::uint64_t received, std::uint64_t sent, std::uint64_t dropped) {
    std::printf("  RX-packets: %-14" PRIu64 " RX-dropped: %-13u RX-total: %-" PRIu64 "\n", received,
                0U, received);
    std::printf("  TX-packets: %-14" PRIu64 " TX-dropped: %-13" PRIu64 " TX-total: %-" PRIu64 "\n",
                sent, dropped, sent + dropped);
}

nlohmann::json counters_json(const ForwardCounters& counters) {
    return {{"rx_packets", counters.received},
            {"tx_packets", counters.sent},
            {"tx_dropped", counters.dropped},
            {"consumed", counters.consumed}};
}

void print_line(const nlohmann::json& object) {
    std::printf("%s\n", object.dump().c_str());
    std::fflush(stdout);
}

/// What was received on a port, and what was sent on it.
ForwardCounters counters_of(std::uint16_t port, std::span<const Forwarder> forwarders) {
    ForwardCounters counters;
    for (const Forwarder& forwarder : forwarders) {
        if (forwarder.from() == port) {
            counters.received += forwarder.counters().received;
            counters.consumed += forwarder.counters().consumed;
        }
        if (forwarder.to() == port) {
            counters.sent += forwarder.counters().sent;
            counters.dropped += forwarder.counters().dropped;
        }
    }
    return counters;
}

ForwardCounters sum_of(std::span<const Forwarder> forwarders) {
    ForwardCounters sum;
    for (const Forwarder& forwarder : forwarders) {
        sum.received += forwarder.counters().received;
        sum.sent += forwarder.counters().sent;
        sum.consumed += forwarder.counters().consumed;
        sum.dropped += forwarder.counters().dropped;
    }
    return sum;
}

void print_totals_json(std::span<const std::uint16_t> ports,
                       std::span<const Forwarder> forwarders) {
    nlohmann::json all = {{"total", counters_json(sum_of(forwarders))},
                          {"ports", nlohmann::json::array()}};
    for (const std::uint16_t id : ports) {
        nlohmann::json port = counters_json(counters_of(id, forwarders));
        port["port"] = id;
        all["ports"].push_back(std::move(port));
    }
    print_line(all);
}

}  // namespace

Statistics::Statistics(std::span<const std::uint16_t> ports, std::uint64_t now_cycles, bool json)
    : last_cycles_(now_cycles), json_(json) {
    for (const std::uint16_t port : ports) {
        last_.push_back({port, read(port)});
    }
}

void Statistics::print(std::uint64_t now_cycles) {
    const double seconds =
        static_cast<double>(now_cycles - last_cycles_) / static_cast<double>(rte_get_timer_hz());
    nlohmann::json interval = {{"seconds", seconds}, {"ports", nlohmann::json::array()}};
    if (!json_) {
        std::printf("\nPort statistics ====================================\n");
    }
    for (Last& last : last_) {
        const rte_eth_stats now = read(last.port);
        if (json_) {
            interval["ports"].push_back(port_json(last, now, seconds));
        } else {
            print_port(last, now, seconds);
        }
        last.counters = now;
    }
    if (json_) {
        print_line(interval);
    }
    std::fflush(stdout);
    last_cycles_ = now_cycles;
}

nlohmann::json Statistics::port_json(const Last& last, const rte_eth_stats& now, double seconds) {
    const rte_eth_stats& before = last.counters;
    return {{"port", last.port},
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
}

void Statistics::print_port(const Last& last, const rte_eth_stats& now, double seconds) {
    const rte_eth_stats& before = last.counters;
    std::printf("  %s NIC statistics for port %-2u %s\n", kBorder, last.port, kBorder);
    std::printf("  RX-packets: %-10" PRIu64 " RX-missed: %-10" PRIu64 " RX-bytes:  %-" PRIu64 "\n",
                now.ipackets, now.imissed, now.ibytes);
    std::printf("  RX-errors: %-" PRIu64 "\n  RX-nombuf:  %-10" PRIu64 "\n", now.ierrors,
                now.rx_nombuf);
    std::printf("  TX-packets: %-10" PRIu64 " TX-errors: %-10" PRIu64 " TX-bytes:  %-" PRIu64 "\n",
                now.opackets, now.oerrors, now.obytes);
    std::printf("\n  Throughput (since last show)\n");
    std::printf("  Rx-pps: %12" PRIu64 "          Rx-bps: %12" PRIu64 "\n",
                rate(now.ipackets, before.ipackets, seconds),
                8 * rate(now.ibytes, before.ibytes, seconds));
    std::printf("  Tx-pps: %12" PRIu64 "          Tx-bps: %12" PRIu64 "\n",
                rate(now.opackets, before.opackets, seconds),
                8 * rate(now.obytes, before.obytes, seconds));
    std::printf("  %s############################%s\n", kBorder, kBorder);
}

void print_totals(std::span<const std::uint16_t> ports, std::span<const Forwarder> forwarders,
                  bool json) {
    if (json) {
        print_totals_json(ports, forwarders);
        return;
    }
    for (const std::uint16_t id : ports) {
        const ForwardCounters port = counters_of(id, forwarders);
        std::printf("\n  %s Forward statistics for port %-2u %s\n", kDashes, id, kDashes);
        print_counters(port.received, port.sent, port.dropped);
    }
    const ForwardCounters all = sum_of(forwarders);
    std::printf("\n  %s Accumulated forward statistics for all ports%s\n", kPluses, kPluses);
    print_counters(all.received, all.sent, all.dropped);
    std::fflush(stdout);
}

Outcome outcome_of(std::span<const std::uint16_t> ports, std::span<const Forwarder> forwarders,
                   double seconds) {
    const ForwardCounters all = sum_of(forwarders);
    Outcome outcome{.packets = all.sent + all.consumed, .lost = all.dropped, .seconds = seconds};
    for (const std::uint16_t port : ports) {
        const rte_eth_stats counters = read(port);
        outcome.lost += counters.imissed + counters.ierrors + counters.rx_nombuf + counters.oerrors;
    }
    return outcome;
}

}  // namespace netvsc_fwd
