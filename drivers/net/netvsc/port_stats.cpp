#include "net/netvsc/port.hpp"

namespace vmbus::netvsc {

void Port::read_stats(rte_eth_stats& stats) const noexcept {
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        if (rx(q) == nullptr) {
            continue;
        }
        const RxCounters& counters = rx(q)->counters();
        stats.ipackets += counters[RxCount::kPackets].value();
        stats.ibytes += counters[RxCount::kBytes].value();
        stats.ierrors += errors_of(counters);
        stats.rx_nombuf += counters[RxCount::kNoMbuf].value();
        if (q < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
            stats.q_ipackets[q] = counters[RxCount::kPackets].value();
            stats.q_ibytes[q] = counters[RxCount::kBytes].value();
            stats.q_errors[q] = errors_of(counters);
        }
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        if (tx(q) == nullptr) {
            continue;
        }
        const TxCounters& counters = tx(q)->counters();
        stats.opackets += counters[TxCount::kPackets].value();
        stats.obytes += counters[TxCount::kBytes].value();
        stats.oerrors += errors_of(counters);
        if (q < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
            stats.q_opackets[q] = counters[TxCount::kPackets].value();
            stats.q_obytes[q] = counters[TxCount::kBytes].value();
        }
    }
    vf_.add_to(stats);
}

void Port::reset_stats() noexcept {
    vf_.reset_stats();
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        if (rx(q) != nullptr) {
            rx(q)->counters().reset();
            rx(q)->bell.reset_rings();
        }
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        if (tx(q) != nullptr) {
            tx(q)->counters().reset();
        }
    }
    for (RingCounters& lane : ring_counters_) {
        lane.reset();
    }
}

}  // namespace vmbus::netvsc
