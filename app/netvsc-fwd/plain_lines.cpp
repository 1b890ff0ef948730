#include "plain_lines.hpp"

#include <rte_cycles.h>

#include <cinttypes>
#include <cstdio>

#include "round_trips.hpp"

namespace netvsc_fwd {
namespace {

constexpr char kBorder[] = "########################";
constexpr char kDashes[] = "----------------------";
constexpr char kPluses[] = "+++++++++++++++";

void print_port(const PortSnapshot& port, const rte_eth_stats& before, double seconds) {
    const rte_eth_stats& now = port.counters;
    std::printf("  %s NIC statistics for port %-2u %s\n", kBorder, port.id, kBorder);
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

void print_counters(const ForwardCounters& counters) {
    std::printf("  RX-packets: %-14" PRIu64 " RX-dropped: %-13u RX-total: %-" PRIu64 "\n",
                counters.received, 0U, counters.received);
    std::printf("  TX-packets: %-14" PRIu64 " TX-dropped: %-13" PRIu64 " TX-total: %-" PRIu64 "\n",
                counters.sent, counters.dropped, counters.sent + counters.dropped);
}

void print_round_trips(const Snapshot& snapshot) {
    if (!snapshot.report.round_trip_cycles) {
        return;
    }
    const measure::Histogram& cycles = *snapshot.report.round_trip_cycles;
    std::printf("  Round trip (us):");
    for (const RoundTripFigure& figure : round_trips_ns(cycles, rte_get_timer_hz())) {
        std::printf(" %s %.1f", figure.name, figure.ns / 1e3);
    }
    std::printf("  (%" PRIu64 " frames, %" PRIu64 " missing)\n", cycles.total(),
                missing_round_trips(snapshot));
}

}  // namespace

void print_interval(const Snapshot& now, const Snapshot& before) {
    const double seconds =
        static_cast<double>(now.cycles - before.cycles) / static_cast<double>(rte_get_timer_hz());
    std::printf("\nPort statistics ====================================\n");
    for (std::size_t n = 0; n < now.ports.size(); ++n) {
        print_port(now.ports[n], before.ports[n].counters, seconds);
    }
    print_round_trips(now);
    std::fflush(stdout);
}

void print_totals(const Snapshot& last) {
    for (const PortSnapshot& port : last.ports) {
        std::printf("\n  %s Forward statistics for port %-2u %s\n", kDashes, port.id, kDashes);
        print_counters(port.own);
    }
    std::printf("\n  %s Accumulated forward statistics for all ports%s\n", kPluses, kPluses);
    print_counters(last.own);
    const WorkReport& report = last.report;
    if (report.bad_ip_checksums != 0 || report.bad_l4_checksums != 0) {
        std::printf("  Bad-ipcsum: %-14" PRIu64 " Bad-l4csum: %-14" PRIu64 "\n",
                    report.bad_ip_checksums, report.bad_l4_checksums);
    }
    print_round_trips(last);
    std::fflush(stdout);
}

}  // namespace netvsc_fwd
