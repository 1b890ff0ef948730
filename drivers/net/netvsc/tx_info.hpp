// What a packet asks of the host, from the flags of its mbuf: the tag, the checksums and the
// segmentation that go into per-packet infos. Pure; transmit thread.
// Docs: docs/nics/netvsc.md, "Checksums" and "Segmentation".
#pragma once

#include <rte_ether.h>
#include <rte_mbuf.h>

#include <cstdint>

#include "codec/rndis_packet.hpp"

namespace vmbus::netvsc {

inline constexpr std::uint32_t kAddressBytes = 2 * RTE_ETHER_ADDR_LEN;
inline constexpr std::uint32_t kTagBytes = sizeof(rte_vlan_hdr);

struct TxInfo {
    codec::PacketInfo info{};
    bool tag_moves = false;  ///< the tag behind the addresses is in `info` and stays behind
};

/// TCP, UDP and the IPv4 header; the field of two bits holds one of four values.
constexpr bool asks_checksum(std::uint64_t flags) noexcept {
    return (flags & (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK)) != 0;
}
constexpr bool asks_segmentation(std::uint64_t flags) noexcept {
    return (flags & RTE_MBUF_F_TX_TCP_SEG) != 0;
}

/// Whether the first segment starts with addresses and an 802.1Q tag.
inline bool tagged_in_line(const rte_mbuf& mbuf) noexcept {
    return mbuf.data_len >= sizeof(rte_ether_hdr) + kTagBytes &&
           rte_pktmbuf_mtod(&mbuf, const rte_ether_hdr*)->ether_type ==
               rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN);
}

/// The checksum word. `link_bytes` is the length of the link header as the host will see it.
constexpr std::uint32_t checksum_word(std::uint64_t flags, std::uint32_t link_bytes,
                                      std::uint32_t network_bytes) noexcept {
    std::uint32_t word =
        (flags & RTE_MBUF_F_TX_IPV6) != 0 ? wire::kTxChecksumIpv6 : wire::kTxChecksumIpv4;
    if ((flags & RTE_MBUF_F_TX_IP_CKSUM) != 0) {
        word |= wire::kTxChecksumIpHeader;
    }
    const std::uint64_t transport = flags & RTE_MBUF_F_TX_L4_MASK;
    if (transport == RTE_MBUF_F_TX_TCP_CKSUM || transport == RTE_MBUF_F_TX_UDP_CKSUM) {
        word |= transport == RTE_MBUF_F_TX_TCP_CKSUM ? wire::kTxChecksumTcp : wire::kTxChecksumUdp;
        word |= (link_bytes + network_bytes) << wire::kTxChecksumOffsetShift;
    }
    return word;
}
static_assert((1U << RTE_MBUF_L2_LEN_BITS) + (1U << RTE_MBUF_L3_LEN_BITS) - 2 <=
                  wire::kTxChecksumOffsetMask,
              "every offset that an mbuf can say fits");

/// The large-send word: the host cuts the frame into segments of `mss` bytes of payload.
constexpr std::uint32_t segmentation_word(std::uint64_t flags, std::uint32_t mss,
                                          std::uint32_t link_bytes,
                                          std::uint32_t network_bytes) noexcept {
    return (mss & wire::kLsoMssMask) | (link_bytes + network_bytes) << wire::kLsoOffsetShift |
           wire::kLsoV2 | ((flags & RTE_MBUF_F_TX_IPV6) != 0 ? wire::kLsoIpv6 : 0U);
}
static_assert(wire::kLsoOffsetMask == wire::kTxChecksumOffsetMask);

inline TxInfo tx_info_of(const rte_mbuf& mbuf) noexcept {
    TxInfo tx;
    const std::uint64_t flags = mbuf.ol_flags;
    const bool insert = (flags & RTE_MBUF_F_TX_VLAN) != 0;
    if (insert) {
        tx.info.has = codec::PacketInfo::kVlan;
        tx.info.vlan = wire::vlan_from_tci(mbuf.vlan_tci);
    }
    const bool segments = asks_segmentation(flags);
    if (!segments && !asks_checksum(flags)) [[likely]] {
        return tx;
    }
    std::uint32_t link_bytes = mbuf.l2_len;
    // Hosts look for the IP header behind 14 bytes, whatever lies there (OpenVMM netvsp).
    if (!insert && link_bytes == sizeof(rte_ether_hdr) + kTagBytes && tagged_in_line(mbuf)) {
        const auto* tag =
            rte_pktmbuf_mtod_offset(&mbuf, const rte_vlan_hdr*, sizeof(rte_ether_hdr));
        tx.tag_moves = true;
        tx.info.has = codec::PacketInfo::kVlan;
        tx.info.vlan = wire::vlan_from_tci(rte_be_to_cpu_16(tag->vlan_tci));
        link_bytes -= kTagBytes;
    }
    if (segments) {  // which includes the checksums
        tx.info.has |= codec::PacketInfo::kLso;
        tx.info.lso = segmentation_word(flags, mbuf.tso_segsz, link_bytes, mbuf.l3_len);
    } else {
        tx.info.has |= codec::PacketInfo::kChecksum;
        tx.info.checksum = checksum_word(flags, link_bytes, mbuf.l3_len);
    }
    return tx;
}

}  // namespace vmbus::netvsc
