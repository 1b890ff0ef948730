// Two snapshots of a port with two queues, a second apart, for tests of what shows them.
#pragma once

#include "netvsc-fwd/snapshot.hpp"

namespace netvsc_fwd::test {

inline constexpr std::uint64_t kCyclesPerSecond = 1000;

inline Snapshot earlier_snapshot() {
    Snapshot snapshot{.cycles = 5000};
    PortSnapshot port{.id = 3, .driver = "net_netvsc"};
    port.queues.resize(2);
    snapshot.ports.push_back(port);
    return snapshot;
}

inline Snapshot later_snapshot() {
    Snapshot snapshot = earlier_snapshot();
    snapshot.cycles += kCyclesPerSecond;
    PortSnapshot& port = snapshot.ports[0];
    port.link.link_status = RTE_ETH_LINK_UP;
    port.link.link_speed = 40'000;
    port.counters.ipackets = 1'234'567;
    port.counters.ibytes = 125'000'000;
    port.counters.opackets = 1'000;
    port.counters.rx_nombuf = 4;
    port.own = {.received = 1'234'567, .sent = 1'000, .dropped = 5};
    port.queues[1].own = {.received = 1'234'567, .sent = 1'000, .dropped = 5};
    port.queues[1].ring = {
        .rx_used = 50, .rx_size = 200, .tx_used = 2, .tx_size = 200, .signals = 77};
    port.xstats.on_vf = false;
    port.xstats.causes["rx_q1_no_mbuf"] = 4;
    snapshot.own = port.own;
    return snapshot;
}

}  // namespace netvsc_fwd::test
