#include "statistics.hpp"

#include <rte_cycles.h>

#include <cinttypes>
#include <cstdio>

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

}  // namespace

Statistics::Statistics(std::span<const std::uint16_t> ports, std::uint64_t now_cycles)
    : last_cycles_(now_cycles) {
    for (const std::uint16_t port : ports) {
        last_.push_back({port, read(port)});
    }
}

void Statistics::print(std::uint64_t now_cycles) {
    const double seconds =
        static_cast<double>(now_cycles - last_cycles_) / static_cast<double>(rte_get_timer_hz());
    std::printf("\nPort statistics ====================================\n");
    for (Last& last : last_) {
        const rte_eth_stats now = read(last.port);
        print_port(last, now, seconds);
        last.counters = now;
    }
    std::fflush(stdout);
    last_cycles_ = now_cycles;
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

void print_totals(std::span<const std::uint16_t> ports, std::span<const Forwarder> forwarders) {
    ForwardCounters all;
    for (const std::uint16_t id : ports) {
        ForwardCounters port;
        for (const Forwarder& forwarder : forwarders) {
            port.received += forwarder.from() == id ? forwarder.counters().received : 0;
            if (forwarder.to() == id) {
                port.sent += forwarder.counters().sent;
                port.dropped += forwarder.counters().dropped;
            }
        }
        std::printf("\n  %s Forward statistics for port %-2u %s\n", kDashes, id, kDashes);
        print_counters(port.received, port.sent, port.dropped);
        all.received += port.received;
        all.sent += port.sent;
        all.dropped += port.dropped;
    }
    std::printf("\n  %s Accumulated forward statistics for all ports%s\n", kPluses, kPluses);
    print_counters(all.received, all.sent, all.dropped);
    std::fflush(stdout);
}

}  // namespace netvsc_fwd
