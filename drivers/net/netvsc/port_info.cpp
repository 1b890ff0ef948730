#include "net/netvsc/port.hpp"

#include <rte_ether.h>

#include <algorithm>

#include "net/netvsc/ethdev_offloads.hpp"
#include "net/netvsc/ethdev_rss.hpp"
#include "net/netvsc/tx_prepare.hpp"

namespace vmbus::netvsc {
namespace {

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

}  // namespace

std::uint32_t Port::max_mtu() const noexcept {
    if (session_ == nullptr || session_->version() == wire::NvspVersion::kV1) {
        return RTE_ETHER_MTU;
    }
    std::uint32_t frame = kMaxFrame;
    if (!addresses_known_) {
        frame = std::min(frame, max_copied_frame(session_->facts().send.section_bytes) - kTagBytes);
    }
    return frame - RTE_ETHER_HDR_LEN;
}

/// Of a frame that the host does not segment, its tag included.
std::uint32_t Port::max_sent_frame() const noexcept {
    return max_mtu() + RTE_ETHER_HDR_LEN + kTagBytes;
}

void Port::describe(rte_eth_dev_info& info) const noexcept {
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
    if (session_ != nullptr) {
        announce(session_->facts().offloads, addresses_known_, info);
        announce_rss(session_->facts().rss, info);
        info.speed_capa =
            rte_eth_speed_bitflag(session_->facts().speed_mbps, RTE_ETH_LINK_FULL_DUPLEX);
    }
}

}  // namespace vmbus::netvsc
