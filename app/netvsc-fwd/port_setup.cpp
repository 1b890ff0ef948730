#include "port_setup.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "blank_frames.hpp"

namespace netvsc_fwd {
namespace {

constexpr std::uint64_t kRxChecksums =
    RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM;

std::uint64_t hashes_of(RssTypes types) {
    switch (types) {
        case RssTypes::kAll: return RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP;
        case RssTypes::kIp: return RTE_ETH_RSS_IP;
        case RssTypes::kUdp: return RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP;
    }
    return 0;
}

/// What a frame has beside its MTU, as the driver counts; some count a VLAN tag or two.
std::uint32_t overhead(const rte_eth_dev_info& port) {
    const bool known = port.max_mtu != UINT16_MAX && port.max_rx_pktlen > port.max_mtu;
    return known ? port.max_rx_pktlen - port.max_mtu
                 : std::uint32_t{RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN};
}

std::uint32_t mtu_for(const rte_eth_dev_info& port, const Options& options) {
    const std::uint32_t most =
        std::max<std::uint32_t>(port.max_mtu, RTE_ETHER_MTU) + overhead(port);
    if (options.max_pkt_len > most || options.max_pkt_len < port.min_mtu + overhead(port)) {
        throw std::runtime_error("--max-pkt-len: the port takes " +
                                 std::to_string(port.min_mtu + overhead(port)) + " to " +
                                 std::to_string(most));
    }
    return options.max_pkt_len - overhead(port);
}

void choose_frame_size(const rte_eth_dev_info& port, const Options& options, rte_eth_conf& out) {
    if (options.max_pkt_len != 0) {
        out.rxmode.mtu = mtu_for(port, options);
    }
    const bool scatters = frame_bytes_of(out.rxmode.mtu) > kSegmentBytes;
    if (scatters) {
        if ((port.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) == 0) {
            throw std::runtime_error(
                "--max-pkt-len: the port does not scatter frames of more than " +
                std::to_string(kSegmentBytes) + " bytes");
        }
        out.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
    }
    if (scatters || options.txpkts.size() > 1) {
        out.txmode.offloads |= port.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
    }
}

void check_segments(const rte_eth_dev_info& port, const Options& options) {
    const std::uint16_t most = port.tx_desc_lim.nb_seg_max;
    if (most != 0 && options.txpkts.size() > most) {
        throw std::runtime_error("--txpkts: the port takes packets of at most " +
                                 std::to_string(most) + " segments");
    }
}

}  // namespace

rte_eth_conf configuration_for(const rte_eth_dev_info& port, const Options& options) {
    rte_eth_conf out{};
    if (options.rxq > 1) {
        out.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        out.rx_adv_conf.rss_conf.rss_hf = hashes_of(options.rss) & port.flow_type_rss_offloads;
    }
    choose_frame_size(port, options, out);
    check_segments(port, options);
    if (options.mode == Mode::kChecksum) {
        out.rxmode.offloads |= port.rx_offload_capa & kRxChecksums;
        out.txmode.offloads |= port.tx_offload_capa & kTxChecksums;
    }
    return out;
}

}  // namespace netvsc_fwd
