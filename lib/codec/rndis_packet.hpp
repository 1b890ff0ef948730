// RNDIS data packets: header and per-packet info in front of a frame; built by the sender, parsed
// by the receiver of either side. The parser sees only private copies and never trusts a sum.
// Pure functions, on the data path. Source: MS-RNDIS 2.2.14.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
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
        kPacketId = 1U << 5,
    };
    std::uint8_t has = 0;
    std::uint32_t checksum = 0;  ///< TxChecksum or RxChecksum bits, by direction
    std::uint32_t lso = 0;
    std::uint32_t vlan = 0;  ///< NDIS order: wire::vlan_to_tci()
    std::uint32_t hash_value = 0;
    std::uint32_t hash_info = 0;
    std::uint32_t packet_id = 0;  ///< the bytes of wire::PacketId
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
/// Why parse_packet_header() refuses. Requires: it does.
RndisPacketError what_is_wrong(const wire::RndisPacket& header, std::uint32_t available) noexcept;

/// Step two: the entries, from a private copy of the area. Unknown kinds are skipped.
RndisPacketError parse_packet_info(base::Bytes ppis, PacketInfo& info) noexcept;
/// Adds the entries of `ppis`, of whatever size and kind, to what `info` has.
RndisPacketError parse_more_info(base::Bytes ppis, PacketInfo& info) noexcept;

/// Both steps on one private copy of a whole message.
RndisPacketError parse_packet(base::Bytes message, PacketBounds& bounds, PacketInfo& info) noexcept;

/// The known kinds, in the order in which they are written.
struct KnownPpi {
    wire::PpiType type;
    PacketInfo::Has has;
    std::uint32_t PacketInfo::*value;
};
inline constexpr KnownPpi kKnownPpis[] = {
    {wire::PpiType::kHashValue, PacketInfo::kHashValue, &PacketInfo::hash_value},
    {wire::PpiType::kHashInfo, PacketInfo::kHashInfo, &PacketInfo::hash_info},
    {wire::PpiType::kVlan, PacketInfo::kVlan, &PacketInfo::vlan},
    {wire::PpiType::kLso, PacketInfo::kLso, &PacketInfo::lso},
    {wire::PpiType::kChecksum, PacketInfo::kChecksum, &PacketInfo::checksum},
    {wire::PpiType::kPacketId, PacketInfo::kPacketId, &PacketInfo::packet_id},
};

/// The same by type; `has` is 0 where none is known, as for all internal ones, which have numbers
/// of their own. Tables at namespace scope: in a function they would be built on its stack at each
/// call.
inline constexpr auto kPpiByType = [] {
    std::array<KnownPpi, 16> known{};
    for (const KnownPpi& each : kKnownPpis) {
        if (const auto type = static_cast<std::uint32_t>(each.type); type < known.size()) {
            known[type] = each;
        }
    }
    return known;
}();

/// By PacketInfo::has: not counted at run time, because processors that Debian builds for count
/// bits in a function.
inline constexpr auto kPacketHeadBytes = [] {
    std::array<std::uint8_t, 64> bytes{};
    for (unsigned i = 0; i < bytes.size(); ++i) {
        const auto infos = static_cast<unsigned>(std::popcount(i));
        bytes[i] =
            static_cast<std::uint8_t>(sizeof(wire::RndisPacket) + infos * sizeof(wire::Ppi32));
    }
    return bytes;
}();

/// Header bytes that build_packet_head() writes for these infos.
constexpr std::uint32_t packet_head_bytes(std::uint8_t has) noexcept {
    return kPacketHeadBytes[has % kPacketHeadBytes.size()];
}
inline constexpr std::uint32_t kMaxPacketHeadBytes = packet_head_bytes(0x3F);

/// The header of a packet without infos; its lengths are filled in. Copied whole, then mended: a
/// few wide moves.
inline constexpr wire::RndisPacket kPlainHead{
    .header = {static_cast<std::uint32_t>(wire::RndisType::kPacket), sizeof(wire::RndisPacket)},
    .data_offset = sizeof(wire::RndisPacket) - wire::kRndisOffsetBase,
    .data_length = 0,
    .oob_offset = 0,
    .oob_length = 0,
    .oob_count = 0,
    .ppi_offset = 0,
    .ppi_length = 0,
    .vc_handle = 0,
    .reserved = 0};

/// Writes the header and the infos of a message whose frame of `data_length` bytes follows at once,
/// and whose length is rounded up with `padding` bytes behind the frame. Returns the bytes written.
/// Requires: head has packet_head_bytes(info.has).
std::uint32_t build_packet_head(base::MutableBytes head, const PacketInfo& info,
                                std::uint32_t data_length, std::uint32_t padding = 0) noexcept;
/// Writes the infos behind the header.
void append_infos(base::MutableBytes head, const PacketInfo& info) noexcept;

// What every packet passes through is inline.

inline RndisPacketError parse_packet_header(const wire::RndisPacket& header,
                                            std::uint32_t available,
                                            PacketBounds& bounds) noexcept {
    constexpr std::uint32_t kHeaderBytes = sizeof(wire::RndisPacket);
    const std::uint64_t length = header.header.length;
    // Sums of two 32-bit numbers: they do not wrap.
    const std::uint64_t data = std::uint64_t{header.data_offset} + wire::kRndisOffsetBase;
    const std::uint64_t data_end = data + header.data_length;
    const std::uint64_t ppi = std::uint64_t{header.ppi_offset} + wire::kRndisOffsetBase;
    const std::uint64_t ppi_end = ppi + header.ppi_length;
    const bool has_ppi = header.ppi_length != 0;
    const bool good = header.header.type == static_cast<std::uint32_t>(wire::RndisType::kPacket) &&
                      length >= kHeaderBytes && length <= available &&
                      (header.oob_offset | header.oob_length | header.oob_count) == 0 &&
                      header.data_length != 0 && data >= kHeaderBytes && data_end <= length &&
                      (!has_ppi || (ppi >= kHeaderBytes && ppi_end <= length &&
                                    (ppi_end <= data || data_end <= ppi)));
    if (!good) [[unlikely]] {
        return what_is_wrong(header, available);
    }
    bounds = {.message_length = header.header.length,
              .data_offset = static_cast<std::uint32_t>(data),
              .data_length = header.data_length,
              .ppi_offset = has_ppi ? static_cast<std::uint32_t>(ppi) : 0,
              .ppi_length = header.ppi_length};
    return RndisPacketError::kNone;
}

inline RndisPacketError parse_packet_info(base::Bytes ppis, PacketInfo& info) noexcept {
    info = {};
    while (ppis.size() >= sizeof(wire::Ppi32)) {
        const auto entry = base::load_at<wire::Ppi32>(ppis, 0);
        const KnownPpi& known = kPpiByType[entry.header.type % kPpiByType.size()];
        const bool usual = entry.header.size == sizeof entry &&
                           entry.header.data_offset == sizeof(wire::PpiHeader) &&
                           entry.header.type < kPpiByType.size() && known.has != 0 &&
                           (info.has & known.has) == 0;
        if (!usual) [[unlikely]] {
            break;
        }
        info.has = static_cast<std::uint8_t>(info.has | known.has);
        info.*known.value = entry.value;
        ppis = ppis.subspan(sizeof entry);
    }
    return ppis.empty() ? RndisPacketError::kNone : parse_more_info(ppis, info);
}

inline std::uint32_t build_packet_head(base::MutableBytes head, const PacketInfo& info,
                                       std::uint32_t data_length, std::uint32_t padding) noexcept {
    constexpr std::uint32_t kHeaderBytes = sizeof(wire::RndisPacket);
    const std::uint32_t head_bytes = packet_head_bytes(info.has);
    const std::uint32_t ppi_bytes = head_bytes - kHeaderBytes;
    base::store_at(head, 0, kPlainHead);
    base::store_at(head, offsetof(wire::RndisHeader, length), head_bytes + data_length + padding);
    base::store_at(head, offsetof(wire::RndisPacket, data_length), data_length);
    if (ppi_bytes != 0) [[unlikely]] {
        base::store_at(head, offsetof(wire::RndisPacket, data_offset),
                       head_bytes - wire::kRndisOffsetBase);
        base::store_at(head, offsetof(wire::RndisPacket, ppi_offset),
                       kHeaderBytes - wire::kRndisOffsetBase);
        base::store_at(head, offsetof(wire::RndisPacket, ppi_length), ppi_bytes);
        append_infos(head, info);
    }
    return head_bytes;
}

}  // namespace vmbus::codec
