#include "net/netvsc/tx_prepare.hpp"

#include <rte_ip.h>
#include <rte_net.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include <cerrno>

#include "net/netvsc/tx_info.hpp"

namespace vmbus::netvsc {
namespace {

/// Flags that ask for something this driver has, or only describe the packet.
constexpr std::uint64_t kKnown = RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6 |
                                 RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK |
                                 RTE_MBUF_F_TX_TCP_SEG;

constexpr bool is_v6(std::uint64_t flags) noexcept {
    return (flags & RTE_MBUF_F_TX_IPV6) != 0;
}

/// The checksum that the transport flags ask for, as a bit; nothing asked, nothing set.
constexpr std::uint8_t transport_of(std::uint64_t flags) noexcept {
    switch (flags & RTE_MBUF_F_TX_L4_MASK) {
        case RTE_MBUF_F_TX_TCP_CKSUM: return is_v6(flags) ? kChecksumTcp6 : kChecksumTcp4;
        case RTE_MBUF_F_TX_UDP_CKSUM: return is_v6(flags) ? kChecksumUdp6 : kChecksumUdp4;
        default: return 0;
    }
}

const LsoLimits& limits_of(std::uint64_t flags, const TxAbilities& can) noexcept {
    return is_v6(flags) ? can.lso_ipv6 : can.lso_ipv4;
}

bool switched_on(std::uint64_t flags, const TxAbilities& can) noexcept {
    if ((flags & RTE_MBUF_F_TX_OFFLOAD_MASK & ~kKnown) != 0 ||
        ((flags & RTE_MBUF_F_TX_IP_CKSUM) != 0 && !asks_segmentation(flags) &&
         (can.checksums & kChecksumIpv4) == 0)) {
        return false;
    }
    if (asks_segmentation(flags)) {
        return limits_of(flags, can).offered();
    }
    const std::uint8_t transport = transport_of(flags);
    return (transport & ~(can.checksums | can.software)) == 0 &&
           (flags & RTE_MBUF_F_TX_L4_MASK) != RTE_MBUF_F_TX_SCTP_CKSUM;
}

std::uint32_t transport_header_bytes(const rte_mbuf& mbuf) noexcept {
    if (asks_segmentation(mbuf.ol_flags)) {
        return mbuf.l4_len;
    }
    switch (mbuf.ol_flags & RTE_MBUF_F_TX_L4_MASK) {
        case RTE_MBUF_F_TX_TCP_CKSUM: return sizeof(rte_tcp_hdr);
        case RTE_MBUF_F_TX_UDP_CKSUM: return sizeof(rte_udp_hdr);
        default: return 0;
    }
}

/// Hosts take 14 bytes as the link header; a single tag behind it is moved out of their way.
bool link_header_possible(const rte_mbuf& mbuf) noexcept {
    return mbuf.l2_len == sizeof(rte_ether_hdr) ||
           (mbuf.l2_len == sizeof(rte_ether_hdr) + kTagBytes && tagged_in_line(mbuf) &&
            (mbuf.ol_flags & RTE_MBUF_F_TX_VLAN) == 0);
}

/// Requires: the fixed headers lie in the first segment.
bool network_header_plausible(const rte_mbuf& mbuf, bool v6) noexcept {
    const auto* ip = rte_pktmbuf_mtod_offset(&mbuf, const std::uint8_t*, mbuf.l2_len);
    if (v6) {
        return *ip >> 4 == 6;
    }
    return *ip >> 4 == 4 && (*ip & RTE_IPV4_HDR_IHL_MASK) * RTE_IPV4_IHL_MULTIPLIER == mbuf.l3_len;
}

int check_headers(const rte_mbuf& mbuf) noexcept {
    const bool v6 = is_v6(mbuf.ol_flags);
    if (v6 == ((mbuf.ol_flags & RTE_MBUF_F_TX_IPV4) != 0)) {
        return EINVAL;
    }
    if (mbuf.l3_len < (v6 ? sizeof(rte_ipv6_hdr) : sizeof(rte_ipv4_hdr))) {
        return EINVAL;
    }
    // Behind extension headers the sum of the pseudo-header needs more than the first header.
    if (!link_header_possible(mbuf) || (v6 && mbuf.l3_len != sizeof(rte_ipv6_hdr))) {
        return ENOTSUP;
    }
    const std::uint64_t headers = mbuf.l2_len + mbuf.l3_len + transport_header_bytes(mbuf);
    if (headers > mbuf.pkt_len) {
        return EINVAL;
    }
    if (headers > mbuf.data_len) {
        return ENOTSUP;
    }
    return network_header_plausible(mbuf, v6) ? 0 : EINVAL;
}

rte_tcp_hdr* tcp_of(rte_mbuf& mbuf) noexcept {
    return rte_pktmbuf_mtod_offset(&mbuf, rte_tcp_hdr*, mbuf.l2_len + mbuf.l3_len);
}

/// Requires: check_headers() found nothing.
int check_segmentation(rte_mbuf& mbuf, const LsoLimits& limits) noexcept {
    const std::uint32_t tcp_bytes = mbuf.l4_len;
    if (tcp_bytes < sizeof(rte_tcp_hdr) || tcp_of(mbuf)->data_off >> 4U != tcp_bytes / 4 ||
        tcp_bytes % 4 != 0 || mbuf.tso_segsz == 0 || mbuf.pkt_len > limits.max_bytes) {
        return EINVAL;
    }
    const std::uint32_t payload = mbuf.pkt_len - mbuf.l2_len - mbuf.l3_len - tcp_bytes;
    const std::uint32_t segments = (payload + mbuf.tso_segsz - 1) / mbuf.tso_segsz;
    return segments > 1 && segments < limits.min_segments ? EINVAL : 0;
}

bool is_one_segment(const rte_mbuf& mbuf) noexcept {
    return mbuf.pkt_len - mbuf.l2_len - mbuf.l3_len - mbuf.l4_len <= mbuf.tso_segsz;
}

/// The host fills in the lengths of each segment, and wants zero where they go (NDIS LSOv2).
void clear_lengths(rte_mbuf& mbuf) noexcept {
    if (is_v6(mbuf.ol_flags)) {
        rte_pktmbuf_mtod_offset(&mbuf, rte_ipv6_hdr*, mbuf.l2_len)->payload_len = 0;
    } else {
        rte_pktmbuf_mtod_offset(&mbuf, rte_ipv4_hdr*, mbuf.l2_len)->total_length = 0;
    }
}

/// Whether the transport's bytes, as the network header counts them, are there.
bool length_plausible(const rte_mbuf& mbuf) noexcept {
    const std::uint32_t there = mbuf.pkt_len - mbuf.l2_len - mbuf.l3_len;
    if (is_v6(mbuf.ol_flags)) {
        const auto* ip = rte_pktmbuf_mtod_offset(&mbuf, const rte_ipv6_hdr*, mbuf.l2_len);
        return rte_be_to_cpu_16(ip->payload_len) <= there;
    }
    const auto* ip = rte_pktmbuf_mtod_offset(&mbuf, const rte_ipv4_hdr*, mbuf.l2_len);
    const std::uint32_t total = rte_be_to_cpu_16(ip->total_length);
    return total >= mbuf.l3_len && total - mbuf.l3_len <= there;
}

/// The sum over the whole packet, for which the host is not asked any more.
int compute_here(rte_mbuf& mbuf) noexcept {
    if (!length_plausible(mbuf)) {
        return EINVAL;
    }
    const auto offset = static_cast<std::uint16_t>(mbuf.l2_len + mbuf.l3_len);
    const bool udp = (mbuf.ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_UDP_CKSUM;
    const std::size_t at = udp ? offsetof(rte_udp_hdr, dgram_cksum) : offsetof(rte_tcp_hdr, cksum);
    auto* sum = rte_pktmbuf_mtod_offset(&mbuf, rte_be16_t*, offset + at);
    *sum = 0;
    const void* ip = rte_pktmbuf_mtod_offset(&mbuf, const void*, mbuf.l2_len);
    *sum = is_v6(mbuf.ol_flags)
               ? rte_ipv6_udptcp_cksum_mbuf(&mbuf, static_cast<const rte_ipv6_hdr*>(ip), offset)
               : rte_ipv4_udptcp_cksum_mbuf(&mbuf, static_cast<const rte_ipv4_hdr*>(ip), offset);
    mbuf.ol_flags &= ~std::uint64_t{RTE_MBUF_F_TX_L4_MASK};
    return 0;
}

int prepare_segmentation(rte_mbuf& mbuf, const TxAbilities& can) noexcept {
    if (const int error = check_segmentation(mbuf, limits_of(mbuf.ol_flags, can)); error != 0) {
        return error;
    }
    if (const int error = rte_net_intel_cksum_flags_prepare(&mbuf, mbuf.ol_flags); error != 0) {
        return -error;
    }
    clear_lengths(mbuf);
    return 0;
}

int prepare_checksums(rte_mbuf& mbuf, const TxAbilities& can) noexcept {
    if ((transport_of(mbuf.ol_flags) & ~can.checksums) != 0) {
        if (const int error = compute_here(mbuf); error != 0) {
            return error;
        }
    }
    return -rte_net_intel_cksum_flags_prepare(&mbuf, mbuf.ol_flags);
}

/// What fits one segment needs no segmentation, only the checksums that come with it; the header's
/// too, whether or not it was switched on by itself.
void ask_checksums_instead(rte_mbuf& mbuf, const TxAbilities& can) noexcept {
    mbuf.ol_flags &= ~std::uint64_t{RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_L4_MASK};
    mbuf.ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM;
    if ((mbuf.ol_flags & RTE_MBUF_F_TX_IP_CKSUM) != 0 && (can.checksums & kChecksumIpv4) == 0) {
        auto* ip = rte_pktmbuf_mtod_offset(&mbuf, rte_ipv4_hdr*, mbuf.l2_len);
        ip->hdr_checksum = 0;
        ip->hdr_checksum = rte_ipv4_cksum(ip);
        mbuf.ol_flags &= ~std::uint64_t{RTE_MBUF_F_TX_IP_CKSUM};
    }
}

}  // namespace

int prepare_packet(rte_mbuf& mbuf, const TxAbilities& can) noexcept {
    const bool segments = asks_segmentation(mbuf.ol_flags);
    if (mbuf.nb_segs > kMaxSegments || (!segments && mbuf.pkt_len > can.max_frame)) {
        return EINVAL;
    }
    if (!switched_on(mbuf.ol_flags, can)) {
        return ENOTSUP;
    }
    if (!segments && !asks_checksum(mbuf.ol_flags)) {
        return 0;
    }
    if (const int error = rte_validate_tx_offload(&mbuf); error != 0) {
        return -error;
    }
    if (const int error = check_headers(mbuf); error != 0) {
        return error;
    }
    if (segments && !is_one_segment(mbuf)) {
        return prepare_segmentation(mbuf, can);
    }
    if (segments) {
        ask_checksums_instead(mbuf, can);
    }
    return prepare_checksums(mbuf, can);
}

}  // namespace vmbus::netvsc
