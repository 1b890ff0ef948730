// Snapshot: all figures of all ports at one moment, from the drivers and from our own counters.
// What is printed is made of two of them: now, and the one before. Values.
#pragma once

#include <rte_ethdev.h>

#include <cstdint>
#include <string>
#include <vector>

#include "counters.hpp"
#include "lcores.hpp"
#include "ports.hpp"
#include "work.hpp"
#include "xstats.hpp"

namespace netvsc_fwd {

struct QueueSnapshot {
    ForwardCounters own;  ///< received from this queue, sent and dropped on it
    RingFigures ring;
};

struct PortSnapshot {
    std::uint16_t id = 0;
    std::string driver{};
    rte_eth_link link{};
    rte_eth_stats counters{};
    ForwardCounters own{};
    std::vector<QueueSnapshot> queues{};
    XstatFigures xstats{};
};

struct Snapshot {
    std::uint64_t cycles = 0;
    std::vector<PortSnapshot> ports{};
    ForwardCounters own{};  ///< of all ports
    WorkReport report{};
};

/// Growth of a counter in a second; counters that were reset have none.
std::uint64_t rate(std::uint64_t now, std::uint64_t before, double seconds);

/// What a port's driver counted as lost.
std::uint64_t lost_by_driver(const rte_eth_stats& counters);

/// "40 Gbit/s", "down".
std::string words_of(const rte_eth_link& link);

/// "synthetic", "VF", or "-" when the driver does not tell.
const char* path_of(const XstatFigures& xstats);

/// Of frames that measure: sent, and not yet or never arrived.
std::uint64_t missing_round_trips(const Snapshot& snapshot);

/// Takes snapshots. Main thread only; the forwarders may run meanwhile.
class SnapshotTaker {
public:
    SnapshotTaker(const Ports& ports, const Forwarders& forwarders);
    Snapshot take(std::uint64_t now_cycles);

private:
    const Ports& ports_;
    const Forwarders& forwarders_;
    std::vector<Xstats> xstats_;  ///< by port
};

}  // namespace netvsc_fwd
