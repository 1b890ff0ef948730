#include "icmp_echo.hpp"

#include <netinet/in.h>
#include <rte_arp.h>
#include <rte_icmp.h>
#include <rte_ip.h>

#include <utility>

namespace netvsc_fwd {
namespace {

using Bytes = std::span<std::byte>;

/// Takes a header off the front; null when it does not fit.
template <class Header>
Header* take(Bytes& bytes) {
    if (bytes.size() < sizeof(Header)) {
        return nullptr;
    }
    auto* const header = reinterpret_cast<Header*>(bytes.data());
    bytes = bytes.subspan(sizeof(Header));
    return header;
}

bool answer_arp(Bytes bytes, const rte_ether_addr& own) {
    auto* const arp = take<rte_arp_hdr>(bytes);
    if (arp == nullptr || arp->arp_hardware != rte_cpu_to_be_16(RTE_ARP_HRD_ETHER) ||
        arp->arp_protocol != rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4) ||
        arp->arp_hlen != RTE_ETHER_ADDR_LEN || arp->arp_plen != sizeof arp->arp_data.arp_sip ||
        arp->arp_opcode != rte_cpu_to_be_16(RTE_ARP_OP_REQUEST)) {
        return false;
    }
    const rte_arp_ipv4 asked = arp->arp_data;
    if (asked.arp_sip == 0 || asked.arp_sip == asked.arp_tip) {
        return false;  // RFC 5227: a probe or an announcement of who wants to have the address
    }
    arp->arp_opcode = rte_cpu_to_be_16(RTE_ARP_OP_REPLY);
    arp->arp_data = {.arp_sha = own,
                     .arp_sip = asked.arp_tip,
                     .arp_tha = asked.arp_sha,
                     .arp_tip = asked.arp_sip};
    return true;
}

/// RFC 1624: what the sum becomes when one word of what it covers does. Any byte order. Of the two
/// zeros it is the one that is right also over nothing but zeros.
std::uint16_t changed_checksum(std::uint16_t checksum, std::uint16_t from, std::uint16_t to) {
    std::uint32_t sum = static_cast<std::uint16_t>(~checksum);
    sum += static_cast<std::uint16_t>(~from);
    sum += to;
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    const auto changed = static_cast<std::uint16_t>(~sum);
    return changed == 0 ? 0xFFFF : changed;
}

bool is_for_one(const rte_ipv4_hdr& ip) {
    const std::uint32_t to = rte_be_to_cpu_32(ip.dst_addr);
    return to < RTE_IPV4(224, 0, 0, 0);  // above: multicast, reserved, broadcast
}

bool answer_echo(Bytes bytes) {
    auto* const ip = take<rte_ipv4_hdr>(bytes);
    constexpr std::uint16_t kFragment = RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK;
    if (ip == nullptr || ip->version != 4 || rte_ipv4_hdr_len(ip) < sizeof *ip ||
        bytes.size() < rte_ipv4_hdr_len(ip) - sizeof *ip || ip->next_proto_id != IPPROTO_ICMP ||
        (ip->fragment_offset & rte_cpu_to_be_16(kFragment)) != 0 || !is_for_one(*ip)) {
        return false;
    }
    bytes = bytes.subspan(rte_ipv4_hdr_len(ip) - sizeof *ip);
    auto* const icmp = take<rte_icmp_hdr>(bytes);
    if (icmp == nullptr || icmp->icmp_type != RTE_IP_ICMP_ECHO_REQUEST || icmp->icmp_code != 0) {
        return false;
    }
    icmp->icmp_cksum =
        changed_checksum(icmp->icmp_cksum, rte_cpu_to_be_16(RTE_IP_ICMP_ECHO_REQUEST << 8), 0);
    icmp->icmp_type = RTE_IP_ICMP_ECHO_REPLY;
    const rte_be32_t asked = ip->dst_addr;  // its header sum does not see the exchange
    ip->dst_addr = ip->src_addr;
    ip->src_addr = asked;
    return true;
}

}  // namespace

bool answer_in_place(Bytes headers, const rte_ether_addr& own) {
    auto* const ether = take<rte_ether_hdr>(headers);
    if (ether == nullptr) {
        return false;
    }
    rte_be16_t type = ether->ether_type;
    if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN)) {
        const auto* const tag = take<rte_vlan_hdr>(headers);
        type = tag == nullptr ? rte_be16_t{0} : tag->eth_proto;
    }
    const bool answered =
        (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_ARP) && answer_arp(headers, own)) ||
        (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4) && answer_echo(headers));
    if (answered) {
        ether->dst_addr = ether->src_addr;
        ether->src_addr = own;
    }
    return answered;
}

std::uint16_t IcmpEcho::arrived(std::span<rte_mbuf*> packets) {
    std::uint16_t answers = 0;
    for (rte_mbuf* packet : packets) {
        const Bytes headers(rte_pktmbuf_mtod(packet, std::byte*), packet->data_len);
        if (answer_in_place(headers, own_)) {
            packets[answers++] = packet;
        } else {
            rte_pktmbuf_free(packet);
        }
    }
    return answers;
}

}  // namespace netvsc_fwd
