#include "net/netvsc/port_view.hpp"

#include <cerrno>
#include <cstring>

#include "net/netvsc/ethdev_offloads.hpp"
#include "net/netvsc/ethdev_rss.hpp"
#include "net/netvsc/tx_prepare.hpp"

namespace vmbus::netvsc {
namespace {

/// Hosts take frames of up to 9216 bytes, the Ethernet header included.
constexpr std::uint32_t kMaxFrame = 9216;
constexpr std::uint16_t kTagBytes = 4;
constexpr std::uint16_t kMaxRing = 4096;
constexpr std::uint16_t kMinRing = 32;
constexpr std::uint32_t kMinRxBuffer = 1024;

void announce_rss(const RssCapabilities& host, rte_eth_dev_info& info) noexcept {
    info.max_rx_queues = host.queues;
    if (host.queues > 1) {
        info.reta_size = host.table_entries;
        info.hash_key_size = wire::kRssKeyBytes;
        info.flow_type_rss_offloads = rss_flags_of(host.hash_types);
        info.rx_offload_capa |= RTE_ETH_RX_OFFLOAD_RSS_HASH;
    }
}

void add_queue(const RxCounters& counters, std::uint16_t q, rte_eth_stats& stats) noexcept {
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

void add_queue(const TxCounters& counters, std::uint16_t q, rte_eth_stats& stats) noexcept {
    stats.opackets += counters[TxCount::kPackets].value();
    stats.obytes += counters[TxCount::kBytes].value();
    stats.oerrors += errors_of(counters);
    if (q < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
        stats.q_opackets[q] = counters[TxCount::kPackets].value();
        stats.q_obytes[q] = counters[TxCount::kBytes].value();
    }
}

}  // namespace

void describe_queue(const RxQueue& queue, const rte_eth_dev_data& data,
                    rte_eth_rxq_info& info) noexcept {
    info.mp = &queue.pool();
    info.nb_desc = queue.ring_size();
    info.conf.offloads = data.dev_conf.rxmode.offloads;
    info.conf.rx_deferred_start = queue.deferred ? 1 : 0;
    info.scattered_rx = (info.conf.offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0 ? 1 : 0;
}

void describe_queue(const TxQueue& queue, const rte_eth_dev_data& data,
                    rte_eth_txq_info& info) noexcept {
    info.nb_desc = queue.ring_size();
    info.conf.offloads = data.dev_conf.txmode.offloads;
    info.conf.tx_deferred_start = queue.deferred ? 1 : 0;
}

std::uint32_t PortView::max_mtu() const noexcept {
    if (!facts.attached || facts.version == wire::NvspVersion::kV1) {
        return RTE_ETHER_MTU;
    }
    std::uint32_t frame = kMaxFrame;
    if (!facts.addresses_known) {
        frame = std::min(frame, max_copied_frame(facts.host.send.section_bytes) - kTagBytes);
    }
    return frame - RTE_ETHER_HDR_LEN;
}

std::uint32_t PortView::max_sent_frame() const noexcept {
    return max_mtu() + RTE_ETHER_HDR_LEN + kTagBytes;
}

void PortView::describe(rte_eth_dev_info& info) const noexcept {
    info.min_mtu = RTE_ETHER_MIN_MTU;
    info.max_mtu = static_cast<std::uint16_t>(max_mtu());
    info.max_rx_pktlen = std::uint32_t{info.max_mtu} + RTE_ETHER_HDR_LEN + kTagBytes;
    info.min_rx_bufsize = kMinRxBuffer;
    info.max_rx_queues = 1;
    info.max_tx_queues = kMaxQueues;  // several may share a channel
    info.max_mac_addrs = 1;
    info.rx_offload_capa = kOwnRxOffloads;
    info.tx_offload_capa = kOwnTxOffloads;
    info.rx_desc_lim.nb_max = kMaxRing;
    info.rx_desc_lim.nb_min = kMinRing;
    info.rx_desc_lim.nb_align = 1;
    info.tx_desc_lim = info.rx_desc_lim;
    info.tx_desc_lim.nb_seg_max = kMaxSegments;
    info.tx_desc_lim.nb_mtu_seg_max = kMaxSegments;
    info.default_rxportconf = {.burst_size = 32, .ring_size = 512, .nb_queues = 1};
    info.default_txportconf = info.default_rxportconf;
    if (facts.attached) {
        announce(facts.host.offloads, facts.addresses_known, info);
        announce_rss(facts.host.rss, info);
        info.speed_capa = rte_eth_speed_bitflag(facts.host.speed_mbps, RTE_ETH_LINK_FULL_DUPLEX);
    }
}

void PortView::read_hash(rte_eth_rss_conf& conf) const noexcept {
    if (conf.rss_key != nullptr && conf.rss_key_len >= facts.rss_key.size()) {
        std::memcpy(conf.rss_key, facts.rss_key.data(), facts.rss_key.size());
    }
    conf.rss_key_len = static_cast<std::uint8_t>(facts.rss_key.size());
    conf.rss_hf = rss_flags_of(facts.hash_types);
}

int PortView::read_reta(rte_eth_rss_reta_entry64* out, std::uint16_t size) const noexcept {
    if (size != facts.rss_entries) {
        return -EINVAL;
    }
    read_table(std::span(facts.rss_table).first(size), out);
    return 0;
}

void PortView::read_stats(rte_eth_stats& stats) const noexcept {
    for (std::uint16_t q = 0; q < data_.nb_rx_queues; ++q) {
        if (const RxQueue* const queue = rx(q); queue != nullptr) {
            add_queue(queue->counters(), q, stats);
        }
    }
    for (std::uint16_t q = 0; q < data_.nb_tx_queues; ++q) {
        if (const TxQueue* const queue = tx(q); queue != nullptr) {
            add_queue(queue->counters(), q, stats);
        }
    }
    add_stats(stats, figures.vf.stats);
}

unsigned PortView::xstats(rte_eth_xstat* stats, unsigned room) const noexcept {
    unsigned count = 0;
    for_each_xstat([&](const char*, unsigned, const char*, std::uint64_t value) {
        if (count < room) {
            stats[count] = {.id = count, .value = value};
        }
        ++count;
    });
    return count;
}

unsigned PortView::xstats_names(rte_eth_xstat_name* names, unsigned room) const noexcept {
    unsigned count = 0;
    for_each_xstat([&](const char* direction, unsigned queue, const char* name, std::uint64_t) {
        if (names != nullptr && count < room) {
            format_name(names[count].name, direction, queue, name);
        }
        ++count;
    });
    return count;
}

}  // namespace vmbus::netvsc
