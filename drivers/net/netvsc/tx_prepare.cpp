#include "net/netvsc/tx_prepare.hpp"

#include <rte_ip.h>
#include <rte_net.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include <cerrno>

#include "net/netvsc/control/offloads.hpp"
#include "net/netvsc/tx_info.hpp"

namespace vmbus::netvsc {
namespace {

/// Flags that ask for something this driver has, or only describe the packet.
constexpr std::uint64_t kKnown = RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6 |
                                 RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK;

bool switched_on(std::uint64_t flags, std::uint8_t checksums) noexcept {
    if ((flags & RTE_MBUF_F_TX_OFFLOAD_MASK & ~kKnown) != 0 ||
        ((flags & RTE_MBUF_F_TX_IP_CKSUM) != 0 && (checksums & kChecksumIpv4) == 0)) {
        return false;
    }
    const std::uint64_t transport = flags & RTE_MBUF_F_TX_L4_MASK;
    if (transport == RTE_MBUF_F_TX_TCP_CKSUM) {
        return (checksums & kChecksumTcp) != 0;
    }
    if (transport == RTE_MBUF_F_TX_UDP_CKSUM) {
        return (checksums & kChecksumUdp) != 0;
    }
    return transport == RTE_MBUF_F_TX_L4_NO_CKSUM;
}

std::uint32_t transport_header_bytes(std::uint64_t flags) noexcept {
    switch (flags & RTE_MBUF_F_TX_L4_MASK) {
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
    const bool v6 = (mbuf.ol_flags & RTE_MBUF_F_TX_IPV6) != 0;
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
    const std::uint64_t headers = mbuf.l2_len + mbuf.l3_len + transport_header_bytes(mbuf.ol_flags);
    if (headers > mbuf.pkt_len) {
        return EINVAL;
    }
    if (headers > mbuf.data_len) {
        return ENOTSUP;
    }
    return network_header_plausible(mbuf, v6) ? 0 : EINVAL;
}

}  // namespace

int prepare_packet(rte_mbuf& mbuf, std::uint8_t checksums) noexcept {
    if (mbuf.nb_segs > kMaxSegments) {
        return EINVAL;
    }
    if (!switched_on(mbuf.ol_flags, checksums)) {
        return ENOTSUP;
    }
    if (!asks_checksum(mbuf.ol_flags)) {
        return 0;
    }
    if (const int error = rte_validate_tx_offload(&mbuf); error != 0) {
        return -error;
    }
    if (const int error = check_headers(mbuf); error != 0) {
        return error;
    }
    return -rte_net_intel_cksum_flags_prepare(&mbuf, mbuf.ol_flags);
}

}  // namespace vmbus::netvsc
