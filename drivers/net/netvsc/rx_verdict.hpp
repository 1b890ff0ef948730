// What a host says of a received frame's checksums, in the flags of an mbuf. Nothing said is
// nothing known; a host that says both is believed the worse. Of a packet that the host put
// together (RSC) it may say that a sum was right and is stale now: then the IPv4 header gets a new
// one, and TCP is reported as verified, with a sum that does not count. Pure but for the header's
// sum; receive thread.
#pragma once

#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "wire/rndis_ppi.hpp"

namespace vmbus::netvsc {

constexpr std::uint64_t verdict_flags(std::uint32_t word) noexcept {
    std::uint64_t flags = 0;
    if ((word & wire::kRxIpBad) != 0) {
        flags |= RTE_MBUF_F_RX_IP_CKSUM_BAD;
    } else if ((word & wire::kRxIpGood) != 0) {
        flags |= RTE_MBUF_F_RX_IP_CKSUM_GOOD;
    }
    if ((word & (wire::kRxTcpBad | wire::kRxUdpBad)) != 0) {
        flags |= RTE_MBUF_F_RX_L4_CKSUM_BAD;
    } else if ((word & wire::kRxTcpGood) != 0 && (word & wire::kRxTcpValueInvalid) != 0) {
        flags |= RTE_MBUF_F_RX_L4_CKSUM_NONE;
    } else if ((word & (wire::kRxTcpGood | wire::kRxUdpGood)) != 0) {
        flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
    }
    return flags;
}

/// Whether usual_verdict() is all there is to do for a frame: no sum has to be mended.
constexpr bool has_usual_verdict(std::uint32_t word) noexcept {
    return (word & wire::kRxIpValueInvalid) == 0;
}

namespace detail {
inline constexpr std::size_t kVerdictBits = 8;
static_assert(wire::kRxIpValueInvalid == 1U << kVerdictBits, "all verdicts lie below it");
inline constexpr auto kVerdicts = [] {
    std::array<std::uint16_t, std::size_t{1} << kVerdictBits> all{};
    for (std::uint32_t word = 0; word < all.size(); ++word) {
        all[word] = static_cast<std::uint16_t>(verdict_flags(word));
    }
    return all;
}();
static_assert((RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK) <= UINT16_MAX);
}  // namespace detail

/// verdict_flags(), looked up.
constexpr std::uint64_t usual_verdict(std::uint32_t word) noexcept {
    return detail::kVerdicts[word % detail::kVerdicts.size()];
}

/// The IPv4 or IPv6 header of a frame behind at most one tag, and its TCP header. All zero when
/// they are not whole in the first segment.
struct TcpHeaders {
    std::uint32_t link_bytes = 0;
    std::uint32_t network_bytes = 0;
    std::uint32_t tcp_bytes = 0;
    bool v4 = false;
};

inline TcpHeaders tcp_headers_of(const rte_mbuf& mbuf) noexcept {
    TcpHeaders headers;
    const auto* frame = rte_pktmbuf_mtod(&mbuf, const std::uint8_t*);
    headers.link_bytes = mbuf.data_len > 18 && frame[12] == 0x81 && frame[13] == 0 ? 18 : 14;
    if (mbuf.data_len < headers.link_bytes + sizeof(rte_ipv6_hdr) + sizeof(rte_tcp_hdr)) {
        return {};
    }
    const std::uint8_t* ip = frame + headers.link_bytes;
    headers.v4 = *ip >> 4 == 4;
    headers.network_bytes = headers.v4 ? (*ip & 0xFU) * 4U : std::uint32_t{sizeof(rte_ipv6_hdr)};
    const std::uint8_t protocol = headers.v4 ? ip[9] : ip[6];
    const std::uint32_t tcp = headers.link_bytes + headers.network_bytes;
    if ((*ip >> 4 != 4 && *ip >> 4 != 6) || headers.network_bytes < sizeof(rte_ipv4_hdr) ||
        protocol != IPPROTO_TCP || mbuf.data_len < tcp + sizeof(rte_tcp_hdr)) {
        return {};
    }
    headers.tcp_bytes = (frame[tcp + 12] >> 4U) * 4U;
    return headers;
}

/// A new sum for the IPv4 header, whose old one the host calls stale.
inline void mend_ip_sum(rte_mbuf& mbuf) noexcept {
    const TcpHeaders headers = tcp_headers_of(mbuf);
    if (headers.v4) {
        auto* ip = rte_pktmbuf_mtod_offset(&mbuf, rte_ipv4_hdr*, headers.link_bytes);
        ip->hdr_checksum = 0;
        ip->hdr_checksum = rte_ipv4_cksum(ip);
    }
}

/// Marks a packet that was put together. Hosts do not say of which segments; those of a network of
/// this MTU are at most so long.
inline void describe_coalesced(rte_mbuf& mbuf, std::uint32_t mtu) noexcept {
    const TcpHeaders headers = tcp_headers_of(mbuf);
    const std::uint32_t head = headers.network_bytes + headers.tcp_bytes;
    mbuf.ol_flags |= RTE_MBUF_F_RX_LRO;
    mbuf.tso_segsz = static_cast<std::uint16_t>(head != 0 && head < mtu ? mtu - head : 0);
}

}  // namespace vmbus::netvsc
