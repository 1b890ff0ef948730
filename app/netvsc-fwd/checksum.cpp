#include "checksum.hpp"

#include <netinet/in.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include <cstring>

namespace netvsc_fwd {
namespace {

using Bytes = std::span<const std::byte>;

template <class Header>
std::optional<Header> read(Bytes bytes, std::size_t at) {
    Header header;
    if (at > bytes.size() || bytes.size() - at < sizeof header) {
        return std::nullopt;
    }
    std::memcpy(&header, bytes.data() + at, sizeof header);
    return header;
}

/// UDP with a checksum, or TCP, whole in the packet; its header whole in the first segment.
void find_l4(Bytes headers, std::uint8_t protocol, std::uint16_t bytes, Layers& layers) {
    const std::size_t at = std::size_t{layers.l2_bytes} + layers.l3_bytes;
    if (protocol == IPPROTO_UDP) {
        const auto udp = read<rte_udp_hdr>(headers, at);
        if (!udp || bytes < sizeof *udp || (layers.v4 && udp->dgram_cksum == 0)) {
            return;
        }
    } else if (protocol != IPPROTO_TCP || bytes < sizeof(rte_tcp_hdr) ||
               !read<rte_tcp_hdr>(headers, at)) {
        return;
    }
    layers.l4_protocol = protocol;
    layers.l4_bytes = bytes;
}

std::optional<Layers> layers_of_v4(Bytes headers, std::uint32_t packet_bytes, Layers layers) {
    const auto ip = read<rte_ipv4_hdr>(headers, layers.l2_bytes);
    if (!ip || ip->version != 4) {
        return std::nullopt;
    }
    layers.v4 = true;
    layers.l3_bytes = rte_ipv4_hdr_len(&*ip);
    const std::uint16_t total = rte_be_to_cpu_16(ip->total_length);
    if (layers.l3_bytes < sizeof *ip || total < layers.l3_bytes ||
        total > packet_bytes - layers.l2_bytes ||
        layers.l3_bytes > headers.size() - layers.l2_bytes) {
        return std::nullopt;
    }
    constexpr std::uint16_t kFragment = RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK;
    if ((ip->fragment_offset & rte_cpu_to_be_16(kFragment)) == 0) {
        find_l4(headers, ip->next_proto_id, static_cast<std::uint16_t>(total - layers.l3_bytes),
                layers);
    }
    return layers;
}

std::optional<Layers> layers_of_v6(Bytes headers, std::uint32_t packet_bytes, Layers layers) {
    const auto ip = read<rte_ipv6_hdr>(headers, layers.l2_bytes);
    if (!ip) {
        return std::nullopt;
    }
    layers.l3_bytes = sizeof *ip;
    const std::uint16_t payload = rte_be_to_cpu_16(ip->payload_len);
    if (payload > packet_bytes - layers.l2_bytes - layers.l3_bytes) {
        return std::nullopt;
    }
    find_l4(headers, ip->proto, payload, layers);
    return layers;
}

bool computes_l4(const Layers& layers, std::uint64_t which) {
    return (layers.l4_protocol == IPPROTO_UDP && (which & RTE_ETH_TX_OFFLOAD_UDP_CKSUM) != 0) ||
           (layers.l4_protocol == IPPROTO_TCP && (which & RTE_ETH_TX_OFFLOAD_TCP_CKSUM) != 0);
}

void set_l4_checksum(rte_mbuf& packet, const Layers& layers, rte_be16_t checksum) {
    const std::uint32_t at = std::uint32_t{layers.l2_bytes} + layers.l3_bytes;
    if (layers.l4_protocol == IPPROTO_UDP) {
        rte_pktmbuf_mtod_offset(&packet, rte_udp_hdr*, at)->dgram_cksum = checksum;
    } else {
        rte_pktmbuf_mtod_offset(&packet, rte_tcp_hdr*, at)->cksum = checksum;
    }
}

/// The sum, not its complement.
std::uint16_t pseudo_header_sum(const rte_mbuf& packet, const Layers& layers) {
    const void* const ip = rte_pktmbuf_mtod_offset(&packet, const void*, layers.l2_bytes);
    return layers.v4 ? rte_ipv4_phdr_cksum(static_cast<const rte_ipv4_hdr*>(ip), 0)
                     : rte_ipv6_phdr_cksum(static_cast<const rte_ipv6_hdr*>(ip), 0);
}

void compute_l4(rte_mbuf& packet, const Layers& layers) {
    set_l4_checksum(packet, layers, 0);
    std::uint16_t bytes_sum = 0;
    rte_raw_cksum_mbuf(&packet, std::uint32_t{layers.l2_bytes} + layers.l3_bytes, layers.l4_bytes,
                       &bytes_sum);
    std::uint32_t sum = std::uint32_t{bytes_sum} + pseudo_header_sum(packet, layers);
    sum = (sum & 0xFFFF) + (sum >> 16);
    const auto checksum = static_cast<std::uint16_t>(~sum);
    const bool none = checksum == 0 && layers.l4_protocol == IPPROTO_UDP;  // RFC 768
    set_l4_checksum(packet, layers, none ? rte_be16_t{0xFFFF} : checksum);
}

}  // namespace

std::optional<Layers> layers_of(Bytes headers, std::uint32_t packet_bytes) {
    const auto ether = read<rte_ether_hdr>(headers, 0);
    if (!ether) {
        return std::nullopt;
    }
    Layers layers{.l2_bytes = sizeof *ether};
    rte_be16_t type = ether->ether_type;
    if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN)) {
        const auto tag = read<rte_vlan_hdr>(headers, layers.l2_bytes);
        type = tag ? tag->eth_proto : rte_be16_t{0};
        layers.l2_bytes += sizeof *tag;
    }
    if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4)) {
        return layers_of_v4(headers, packet_bytes, layers);
    }
    if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV6)) {
        return layers_of_v6(headers, packet_bytes, layers);
    }
    return std::nullopt;
}

void compute_checksums(rte_mbuf& packet, const Layers& layers, std::uint64_t which) {
    if (layers.v4 && (which & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0) {
        auto* const ip = rte_pktmbuf_mtod_offset(&packet, rte_ipv4_hdr*, layers.l2_bytes);
        ip->hdr_checksum = 0;
        ip->hdr_checksum = rte_ipv4_cksum(ip);
    }
    if (computes_l4(layers, which)) {
        compute_l4(packet, layers);
    }
}

void request_checksums(rte_mbuf& packet, const Layers& layers, std::uint64_t which) {
    packet.tx_offload = rte_mbuf_tx_offload(layers.l2_bytes, layers.l3_bytes, 0, 0, 0, 0, 0);
    packet.ol_flags |= layers.v4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6;
    if (layers.v4 && (which & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0) {
        packet.ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
        rte_pktmbuf_mtod_offset(&packet, rte_ipv4_hdr*, layers.l2_bytes)->hdr_checksum = 0;
    }
    if (computes_l4(layers, which)) {
        packet.ol_flags |=
            layers.l4_protocol == IPPROTO_UDP ? RTE_MBUF_F_TX_UDP_CKSUM : RTE_MBUF_F_TX_TCP_CKSUM;
        set_l4_checksum(packet, layers, pseudo_header_sum(packet, layers));
    }
}

void Checksum::count_bad(const rte_mbuf& packet) {
    if ((packet.ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_BAD) {
        bad_ip_.add(1);
    }
    if ((packet.ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_BAD) {
        bad_l4_.add(1);
    }
}

void Checksum::prepare(rte_mbuf& packet) {
    constexpr std::uint64_t kOfTheBuffer = RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
    packet.ol_flags &= kOfTheBuffer;
    if (packet.data_len < sizeof(rte_ether_hdr)) {
        return;
    }
    auto* const ether = rte_pktmbuf_mtod(&packet, rte_ether_hdr*);
    ether->src_addr = source_;
    ether->dst_addr = destination_;
    const auto layers =
        layers_of({rte_pktmbuf_mtod(&packet, const std::byte*), packet.data_len}, packet.pkt_len);
    if (!layers) {
        return;
    }
    rte_mbuf* one = &packet;
    request_checksums(packet, *layers, offloads_);
    if (rte_eth_tx_prepare(to_.port, to_.number, &one, 1) == 1) {
        compute_checksums(packet, *layers, ~offloads_);
    } else {  // not this one
        packet.ol_flags &= kOfTheBuffer;
        compute_checksums(packet, *layers, ~std::uint64_t{0});
    }
}

std::uint16_t Checksum::arrived(std::span<rte_mbuf*> packets) {
    for (rte_mbuf* packet : packets) {
        count_bad(*packet);
        prepare(*packet);
    }
    return static_cast<std::uint16_t>(packets.size());
}

void Checksum::report(WorkReport& sum) const {
    sum.bad_ip_checksums += bad_ip_.value();
    sum.bad_l4_checksums += bad_l4_.value();
}

}  // namespace netvsc_fwd
