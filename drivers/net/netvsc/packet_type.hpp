// Packet types, found in the bytes of a received frame, as far as an application has asked for them
// (rte_eth_dev_set_ptypes): nothing, the EtherType alone, or the headers behind it.
// Pure; receive thread. Docs: docs/nics/netvsc.md, "Receive".
#pragma once

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_net.h>

#include <cstdint>

namespace vmbus::netvsc {

enum class PacketTypes : std::uint8_t { kNone, kEtherType, kHeaders };

/// What answers a request for the types in `mask` (RTE_PTYPE_*_MASK).
constexpr PacketTypes packet_types_for(std::uint32_t mask) noexcept {
    if ((mask & RTE_PTYPE_L4_MASK) != 0) {
        return PacketTypes::kHeaders;
    }
    return (mask & (RTE_PTYPE_L2_MASK | RTE_PTYPE_L3_MASK)) != 0 ? PacketTypes::kEtherType
                                                                 : PacketTypes::kNone;
}

/// Every type that one of the two can report.
inline constexpr std::uint32_t kPacketTypes[] = {
    RTE_PTYPE_L2_ETHER, RTE_PTYPE_L2_ETHER_VLAN, RTE_PTYPE_L2_ETHER_QINQ,
    RTE_PTYPE_L3_IPV4,  RTE_PTYPE_L3_IPV4_EXT,   RTE_PTYPE_L3_IPV4_EXT_UNKNOWN,
    RTE_PTYPE_L3_IPV6,  RTE_PTYPE_L3_IPV6_EXT,   RTE_PTYPE_L3_IPV6_EXT_UNKNOWN,
    RTE_PTYPE_L4_FRAG,  RTE_PTYPE_L4_TCP,        RTE_PTYPE_L4_UDP,
    RTE_PTYPE_L4_SCTP,  RTE_PTYPE_UNKNOWN,
};

inline std::uint32_t network_type(rte_be16_t ether_type) noexcept {
    switch (rte_be_to_cpu_16(ether_type)) {
        case RTE_ETHER_TYPE_IPV4: return RTE_PTYPE_L3_IPV4_EXT_UNKNOWN;
        case RTE_ETHER_TYPE_IPV6: return RTE_PTYPE_L3_IPV6_EXT_UNKNOWN;
        default: return 0;
    }
}

/// As far as the Ethernet header tells; its line was just written.
inline std::uint32_t ether_type_of(const rte_mbuf& mbuf) noexcept {
    if (mbuf.data_len < sizeof(rte_ether_hdr) + sizeof(rte_vlan_hdr)) {
        return RTE_PTYPE_L2_ETHER;
    }
    const auto* ether = rte_pktmbuf_mtod(&mbuf, const rte_ether_hdr*);
    if (ether->ether_type != rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN)) {
        return RTE_PTYPE_L2_ETHER | network_type(ether->ether_type);
    }
    const auto* tag = reinterpret_cast<const rte_vlan_hdr*>(ether + 1);
    return RTE_PTYPE_L2_ETHER_VLAN | network_type(tag->eth_proto);
}

inline std::uint32_t packet_type(const rte_mbuf& mbuf, PacketTypes asked) noexcept {
    switch (asked) {
        case PacketTypes::kNone: return 0;
        case PacketTypes::kEtherType: return ether_type_of(mbuf);
        case PacketTypes::kHeaders: break;
    }
    return rte_net_get_ptype(&mbuf, nullptr,
                             RTE_PTYPE_L2_MASK | RTE_PTYPE_L3_MASK | RTE_PTYPE_L4_MASK);
}

}  // namespace vmbus::netvsc
