// Bursts of a queue whose gate looks open: through the virtual function, if it is still there, and
// through the synthetic path for the rest. The synthetic ring is read first: there the host says
// that the VF goes, and a VF that always fills the array would hide that.
// The lcore of the queue. Docs: docs/nics/netvsc.md, "Accelerated networking".
#pragma once

#include <rte_ethdev.h>

#include "net/netvsc/rx.hpp"
#include "net/netvsc/tx.hpp"

namespace vmbus::netvsc {

inline std::uint16_t vf_rx_burst(RxQueue& queue, rte_mbuf** packets, std::uint16_t count) noexcept {
    std::uint16_t received = queue.burst(packets, count);
    VfQueue vf;
    if (received < count && queue.vf.enter(vf)) {
        const auto room = static_cast<std::uint16_t>(count - received);
        const std::uint16_t more = rte_eth_rx_burst(vf.port, vf.queue, packets + received, room);
        queue.vf.leave();
        for (std::uint16_t i = 0; i < more; ++i) {
            packets[received + i]->port = queue.port_id();
        }
        received = static_cast<std::uint16_t>(received + more);
    }
    return received;
}

inline std::uint16_t vf_tx_burst(TxQueue& queue, rte_mbuf** packets, std::uint16_t count) noexcept {
    VfQueue vf;
    if (!queue.vf.enter(vf)) {
        return queue.burst(packets, count);
    }
    const std::uint16_t sent = rte_eth_tx_burst(vf.port, vf.queue, packets, count);
    queue.vf.leave();
    if (queue.running()) {
        queue.reap();  // what went the other way before
    }
    return sent;
}

/// Fit for both paths: which of them a packet goes is known when it goes.
inline std::uint16_t vf_tx_prepare(TxQueue& queue, rte_mbuf** packets,
                                   std::uint16_t count) noexcept {
    std::uint16_t good = queue.prepare(packets, count);
    VfQueue vf;
    if (queue.vf.enter(vf)) {
        good = rte_eth_tx_prepare(vf.port, vf.queue, packets, good);
        queue.vf.leave();
    }
    return good;
}

}  // namespace vmbus::netvsc
