// Per-packet info: typed extras between an RNDIS packet's header and its frame.
// Source: MS-RNDIS 2.2.14.1 and the NDIS structures whose bits it carries (ntddndis.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/wire_type.hpp"

namespace vmbus::wire {

inline constexpr std::uint32_t kPpiInternal = 1U << 31;  ///< high bit of `type`: other number space
enum class PpiType : std::uint32_t {
    kChecksum = 0,
    kLso = 2,
    kVlan = 6,
    kHashValue = 8,
    kHashInfo = 9,
    kPacketId = kPpiInternal | 1,
};

struct PpiHeader {
    std::uint32_t size;         ///< whole entry, a multiple of 4
    std::uint32_t type;         ///< PpiType, or kPpiInternal | number
    std::uint32_t data_offset;  ///< of the data from the entry's start: 12
};
static_assert(WireType<PpiHeader> && sizeof(PpiHeader) == 12);

/// What guests and hosts really send: one word of data.
struct Ppi32 {
    PpiHeader header;
    std::uint32_t value;
};
static_assert(WireType<Ppi32> && sizeof(Ppi32) == 16);

/// Internal info number 1: what of a coalesced packet (RSC), which came in several pieces with a
/// message each, this message carries. Source: Linux hyperv_net.h.
struct PacketId {
    std::uint8_t version;  ///< kPacketIdVersion
    std::uint8_t flags;    ///< PacketIdFlag
    std::uint16_t id;
};
static_assert(WireType<PacketId> && sizeof(PacketId) == 4);
inline constexpr std::uint8_t kPacketIdVersion = 1;
enum PacketIdFlag : std::uint8_t {
    kPacketIdPart = 1,  ///< of a frame in several pieces
    kPacketIdFirst = 2,
    kPacketIdLast = 4,
};

/// Bits of the checksum word, guest to host.
enum TxChecksum : std::uint32_t {
    kTxChecksumIpv4 = 1U << 0,
    kTxChecksumIpv6 = 1U << 1,
    kTxChecksumTcp = 1U << 2,
    kTxChecksumUdp = 1U << 3,
    kTxChecksumIpHeader = 1U << 4,
};
inline constexpr std::uint32_t kTxChecksumOffsetShift = 16;  ///< 10 bits: transport header offset
inline constexpr std::uint32_t kTxChecksumOffsetMask = 0x3FF;

/// Bits of the checksum word, host to guest.
enum RxChecksum : std::uint32_t {
    kRxTcpBad = 1U << 0,
    kRxUdpBad = 1U << 1,
    kRxIpBad = 1U << 2,
    kRxTcpGood = 1U << 3,
    kRxUdpGood = 1U << 4,
    kRxIpGood = 1U << 5,
    kRxLoopback = 1U << 6,
    kRxTcpValueInvalid = 1U << 7,
    kRxIpValueInvalid = 1U << 8,
};

/// The word of a large send: segment payload, offset of the TCP header, version of the request and
/// of IP.
inline constexpr std::uint32_t kLsoMssMask = 0xFFFFF;
inline constexpr std::uint32_t kLsoOffsetShift = 20;
inline constexpr std::uint32_t kLsoOffsetMask = 0x3FF;
inline constexpr std::uint32_t kLsoV2 = 1U << 30;
inline constexpr std::uint32_t kLsoIpv6 = 1U << 31;

/// The NDIS VLAN word: priority in bits 0-2, DEI in bit 3, id in bits 4-15. Not the order of the
/// 802.1Q tag control information, which is priority, DEI, id from the top.
constexpr std::uint32_t vlan_from_tci(std::uint16_t tci) noexcept {
    return static_cast<std::uint32_t>(((tci & 0xFFFU) << 4) | ((tci >> 12 & 1U) << 3) |
                                      (tci >> 13));
}
constexpr std::uint16_t vlan_to_tci(std::uint32_t word) noexcept {
    return static_cast<std::uint16_t>((word & 7U) << 13 | (word >> 3 & 1U) << 12 |
                                      (word >> 4 & 0xFFFU));
}
static_assert(vlan_from_tci(0x6064) == 0x643, "priority 3, id 100");
static_assert(vlan_to_tci(vlan_from_tci(0xB123)) == 0xB123);

}  // namespace vmbus::wire
