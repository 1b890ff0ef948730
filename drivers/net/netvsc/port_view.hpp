// PortView: what a port tells people and tools of itself, in any process: device information,
// statistics, registers, a dump. It is made for one answer, of a moment's facts and figures: the
// primary process takes them from the port, a secondary one from what was published.
// Any thread that may look at the ethdev's queues.
#pragma once

#include <ethdev_driver.h>
#include <rte_dev_info.h>

#include <algorithm>
#include <cstdio>
#include <span>

#include "net/netvsc/shared_state.hpp"

namespace vmbus::netvsc {

class PortView {
public:
    PortView(const rte_eth_dev_data& data, const SharedState& shared) noexcept
        : data_(data), shared_(shared) {}

    PortFacts facts{};
    PortFigures figures{};

    void describe(rte_eth_dev_info& info) const noexcept;
    /// 0, or how large `text` must be, or -ENODEV.
    int firmware_version(std::span<char> text) const noexcept;
    /// For people: the session, the queues and the rings.
    void dump(std::FILE* file) const noexcept;
    /// The words of the primary channel's two ring pages. Without `info.data`: how many there are.
    int read_registers(rte_dev_reg_info& info) const noexcept;
    void read_hash(rte_eth_rss_conf& conf) const noexcept;
    int read_reta(rte_eth_rss_reta_entry64* out, std::uint16_t size) const noexcept;

    void read_stats(rte_eth_stats& stats) const noexcept;
    /// xstats by ethdev's rules: how many there are; the first `room` of them are written.
    unsigned xstats(rte_eth_xstat* stats, unsigned room) const noexcept;
    unsigned xstats_names(rte_eth_xstat_name* names, unsigned room) const noexcept;
    /// Calls visit(direction, queue, name, value) for each counter that ethdev has not.
    template <class Visit>
    void for_each_counter(Visit&& visit) const noexcept;
    /// The same for frames by size and address, where they are counted.
    template <class Visit>
    void for_each_frame_count(Visit&& visit) const noexcept;
    /// The same for every extended statistic: all of these, and how full the rings are.
    template <class Visit>
    void for_each_xstat(Visit&& visit) const noexcept;
    /// Calls visit(ring, name, value) for what the rings are and hold.
    template <class Visit>
    void for_each_ring(Visit&& visit) const noexcept;

    /// Largest MTU, and frame that the host does not segment, its tag included.
    std::uint32_t max_mtu() const noexcept;
    std::uint32_t max_sent_frame() const noexcept;
    /// Channels that so many queues want, were there enough; one is always there.
    std::uint16_t wanted_lanes() const noexcept {
        return std::clamp(std::max(data_.nb_rx_queues, data_.nb_tx_queues), std::uint16_t{1},
                          kMaxQueues);
    }

private:
    const RxQueue* rx(std::uint16_t id) const noexcept {
        return static_cast<const RxQueue*>(data_.rx_queues[id]);
    }
    const TxQueue* tx(std::uint16_t id) const noexcept {
        return static_cast<const TxQueue*>(data_.tx_queues[id]);
    }

    const rte_eth_dev_data& data_;
    const SharedState& shared_;
};

/// What a queue was set up with.
void describe_queue(const RxQueue& queue, const rte_eth_dev_data& data,
                    rte_eth_rxq_info& info) noexcept;
void describe_queue(const TxQueue& queue, const rte_eth_dev_data& data,
                    rte_eth_txq_info& info) noexcept;

template <class Visit>
void PortView::for_each_counter(Visit&& visit) const noexcept {
    // The first two of a queue are ethdev's own rx_q0_packets and rx_q0_bytes, as far as it has
    // room.
    const auto first = [](std::uint16_t q) -> std::size_t {
        return q < RTE_ETHDEV_QUEUE_STAT_CNTRS ? 2 : 0;
    };
    for (std::uint16_t q = 0; q < data_.nb_rx_queues; ++q) {
        const RxQueue* const queue = rx(q);
        for (std::size_t i = first(q); i < RxCounters::kSize; ++i) {
            visit("rx", q, kRxNames[i], queue == nullptr ? 0 : queue->counters().at(i).value());
        }
        visit("rx", q, "wake_ups", queue == nullptr ? 0 : queue->bell.rings());
    }
    for (std::uint16_t q = 0; q < data_.nb_tx_queues; ++q) {
        const TxQueue* const queue = tx(q);
        for (std::size_t i = first(q); i < TxCounters::kSize; ++i) {
            visit("tx", q, kTxNames[i], queue == nullptr ? 0 : queue->counters().at(i).value());
        }
    }
    for (std::uint16_t lane = 0; lane < wanted_lanes(); ++lane) {
        for (std::size_t i = 0; i < RingCounters::kSize; ++i) {
            visit("ring", lane, kRingNames[i], shared_.ring_counters[lane].at(i).value());
        }
        visit("ring", lane, "signals", figures.rings[lane].signals);
    }
    figures.vf.for_each(
        [&](const char* name, std::uint64_t value) { visit("vf", kNoQueue, name, value); });
}

template <class Visit>
void PortView::for_each_frame_count(Visit&& visit) const noexcept {
    const auto all_of = [&](const char* direction, std::uint16_t q, const auto* queue) {
        for (std::size_t i = 0; i < kFrameCountNames.size(); ++i) {
            visit(direction, unsigned{q}, kFrameCountNames[i],
                  queue == nullptr ? 0 : queue->frames.counters().at(i).value());
        }
    };
    for (std::uint16_t q = 0; facts.counts_frames && q < data_.nb_rx_queues; ++q) {
        all_of("rx", q, rx(q));
    }
    for (std::uint16_t q = 0; facts.counts_frames && q < data_.nb_tx_queues; ++q) {
        all_of("tx", q, tx(q));
    }
}

template <class Visit>
void PortView::for_each_xstat(Visit&& visit) const noexcept {
    for_each_counter(visit);
    for_each_frame_count(visit);
    // Always as many: of a ring that is not there, zeros.
    for (std::uint16_t lane = 0; lane < wanted_lanes(); ++lane) {
        const bool there = figures.alive && lane < figures.lanes;
        const RingFigures ring = there ? figures.rings[lane] : RingFigures{};
        visit("ring", lane, "tx_used", ring.tx_in_flight);
        visit("ring", lane, "tx_size", ring.tx_bytes);
        visit("ring", lane, "rx_used", ring.rx_unread);
        visit("ring", lane, "rx_size", ring.rx_bytes);
    }
}

template <class Visit>
void PortView::for_each_ring(Visit&& visit) const noexcept {
    for (std::uint16_t lane = 0; figures.alive && lane < figures.lanes; ++lane) {
        const RingFigures& ring = figures.rings[lane];
        visit(unsigned{lane}, "tx_bytes", ring.tx_bytes);
        visit(unsigned{lane}, "tx_in_flight", ring.tx_in_flight);
        visit(unsigned{lane}, "rx_bytes", ring.rx_bytes);
        visit(unsigned{lane}, "rx_unread", ring.rx_unread);
        visit(unsigned{lane}, "signals", ring.signals);
    }
}

}  // namespace vmbus::netvsc
