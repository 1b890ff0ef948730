// RNDIS data packets: header and per-packet info in front of a frame; built by the sender, parsed
// by the receiver of either side. The parser sees only private copies and never trusts a sum.
// Pure functions, on the data path. Source: MS-RNDIS 2.2.14.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "wire/rndis.hpp"
#include "wire/rndis_ppi.hpp"

namespace vmbus::codec {

enum class RndisPacketError : std::uint8_t {
    kNone,
    kShort,         ///< less than the header
    kNotAPacket,    ///< another message type
    kBadLength,     ///< message length outside [header, bytes there]
    kBadData,       ///< frame outside the message, or empty
    kBadOob,        ///< out-of-band data, which nobody sends
    kBadPpiArea,    ///< per-packet info outside the message or overlapping the frame
    kBadPpi,        ///< an entry with an impossible size or offset
    kDuplicatePpi,  ///< the same kind twice
};
const char* to_string(RndisPacketError error) noexcept;
inline constexpr std::size_t kRndisPacketErrors = 9;

/// What the known per-packet infos say; `has` tells which are there.
struct PacketInfo {
    enum Has : std::uint8_t {
        kChecksum = 1U << 0,
        kLso = 1U << 1,
        kVlan = 1U << 2,
        kHashValue = 1U << 3,
        kHashInfo = 1U << 4,
    };
    std::uint8_t has = 0;
    std::uint32_t checksum = 0;  ///< TxChecksum or RxChecksum bits, by direction
    std::uint32_t lso = 0;
    std::uint32_t vlan = 0;  ///< NDIS order: wire::vlan_to_tci()
    std::uint32_t hash_value = 0;
    std::uint32_t hash_info = 0;
};

/// Where things are in a message; offsets from its first byte. All inside, none overlapping.
struct PacketBounds {
    std::uint32_t message_length = 0;
    std::uint32_t data_offset = 0;
    std::uint32_t data_length = 0;
    std::uint32_t ppi_offset = 0;
    std::uint32_t ppi_length = 0;
};

/// Step one: the bounds, from a private copy of the header. `available` counts from its first byte.
RndisPacketError parse_packet_header(const wire::RndisPacket& header, std::uint32_t available,
                                     PacketBounds& bounds) noexcept;

/// Step two: the entries, from a private copy of the area. Unknown kinds are skipped.
RndisPacketError parse_packet_info(base::Bytes ppis, PacketInfo& info) noexcept;

/// Both steps on one private copy of a whole message.
RndisPacketError parse_packet(base::Bytes message, PacketBounds& bounds, PacketInfo& info) noexcept;

/// Header bytes that build_packet_head() writes for these infos.
constexpr std::uint32_t packet_head_bytes(std::uint8_t has) noexcept {
    return static_cast<std::uint32_t>(sizeof(wire::RndisPacket) +
                                      static_cast<unsigned>(__builtin_popcount(has)) *
                                          sizeof(wire::Ppi32));
}
inline constexpr std::uint32_t kMaxPacketHeadBytes = packet_head_bytes(0x1F);

/// Writes the header and the infos of a message whose frame of `data_length` bytes follows at once,
/// and whose length is rounded up with `padding` bytes behind the frame. Returns the bytes written.
/// Requires: head has packet_head_bytes(info.has).
std::uint32_t build_packet_head(base::MutableBytes head, const PacketInfo& info,
                                std::uint32_t data_length, std::uint32_t padding = 0) noexcept;

}  // namespace vmbus::codec
