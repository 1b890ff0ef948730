// One RNDIS message of a receive range -> where its frame is and what is said about it. The header
// and the per-packet info are copied out of the shared buffer once; everything decided here was
// decided on the copy. No DPDK: the fuzzer calls exactly this. Docs: docs/wire.md, "RNDIS".
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"
#include "base/copy.hpp"
#include "codec/rndis_packet.hpp"
#include "net/netvsc/stats.hpp"

namespace vmbus::netvsc {

/// Hosts leave 256 bytes for the header and all infos (OpenVMM netvsp).
inline constexpr std::uint32_t kMaxPpiBytes = 256;

struct DecodedFrame {
    codec::PacketBounds bounds{};  ///< inside the range
    codec::PacketInfo info{};
};

/// What nearly every message starts with: the header, and right behind it the first info, the
/// checksums.
struct UsualHead {
    wire::RndisPacket packet;
    wire::Ppi32 checksum;
};
static_assert(sizeof(UsualHead) == 60, "no padding: it is compared with what the host wrote");

/// Two fields that follow each other.
struct FieldPair {
    std::uint32_t first;
    std::uint32_t second;
};
inline constexpr std::uint8_t kUsualInfos = codec::PacketInfo::kChecksum;
inline constexpr std::uint8_t kUsualHashInfos =
    codec::PacketInfo::kHashValue | codec::PacketInfo::kHashInfo;
inline constexpr auto kUsualPpiOffset =
    std::bit_cast<std::uint64_t>(FieldPair{0, sizeof(wire::RndisPacket) - wire::kRndisOffsetBase});
inline constexpr auto kUsualPpi = std::bit_cast<std::uint64_t>(
    FieldPair{sizeof(wire::Ppi32), static_cast<std::uint32_t>(wire::PpiType::kChecksum)});
static_assert(offsetof(wire::RndisPacket, oob_length) ==
                  offsetof(wire::RndisPacket, oob_offset) + 4 &&
              offsetof(wire::RndisPacket, ppi_offset) ==
                  offsetof(wire::RndisPacket, oob_count) + 4);

inline std::uint64_t pair_at(const UsualHead& head, std::size_t offset) noexcept {
    std::uint64_t pair = 0;
    std::memcpy(&pair, reinterpret_cast<const std::byte*>(&head) + offset, sizeof pair);
    return pair;
}

/// What follows the checksums where the host spreads frames by hash.
struct UsualHash {
    wire::Ppi32 value;
    wire::Ppi32 info;
};
static_assert(sizeof(UsualHash) == 32, "no padding, as for the head");

/// The hash behind a UsualHead with this packet header. False: there is something else.
inline bool decode_usual_hash(base::Bytes range, const wire::RndisPacket& packet,
                              codec::PacketInfo& info) noexcept {
    UsualHash hash;
    if (packet.ppi_length != sizeof(wire::Ppi32) + sizeof hash ||
        range.size() < sizeof(UsualHead) + sizeof hash) {
        return false;
    }
    base::copy_foreign(reinterpret_cast<std::byte*>(&hash), range.data() + sizeof(UsualHead),
                       sizeof hash);
    constexpr auto kValue = static_cast<std::uint32_t>(wire::PpiType::kHashValue);
    constexpr auto kInfo = static_cast<std::uint32_t>(wire::PpiType::kHashInfo);
    const std::uint32_t other =
        (hash.value.header.size ^ sizeof hash.value) | (hash.value.header.type ^ kValue) |
        (hash.value.header.data_offset ^ sizeof hash.value.header) |
        (hash.info.header.size ^ sizeof hash.info) | (hash.info.header.type ^ kInfo) |
        (hash.info.header.data_offset ^ sizeof hash.info.header);
    info.hash_value = hash.value.value;
    info.hash_info = hash.info.value;
    return other == 0;
}

/// Decodes a message of the usual shape. False: it has another one, or is wrong.
inline bool decode_usual(base::Bytes range, DecodedFrame& frame) noexcept {
    UsualHead head;
    if (range.size() < sizeof head) {
        return false;
    }
    base::copy_foreign(reinterpret_cast<std::byte*>(&head), range.data(), sizeof head);
    const wire::RndisPacket& packet = head.packet;
    const std::uint64_t data = std::uint64_t{packet.data_offset} + wire::kRndisOffsetBase;
    // Differences from what is expected, gathered: one branch for all; neighbours go in pairs.
    const std::uint64_t other =
        (packet.header.type ^ static_cast<std::uint32_t>(wire::RndisType::kPacket)) |
        pair_at(head, offsetof(UsualHead, packet.oob_offset)) |
        (pair_at(head, offsetof(UsualHead, packet.oob_count)) ^ kUsualPpiOffset) |
        (pair_at(head, offsetof(UsualHead, checksum.header.size)) ^ kUsualPpi) |
        (head.checksum.header.data_offset ^ sizeof head.checksum.header);
    const bool hashed = packet.ppi_length != sizeof head.checksum;
    if (hashed && !decode_usual_hash(range, packet, frame.info)) {
        return false;
    }
    if (other != 0 || packet.data_length == 0 || packet.header.length > range.size() ||
        data < sizeof packet + packet.ppi_length ||
        data + packet.data_length > packet.header.length) {
        return false;
    }
    frame.bounds.message_length = packet.header.length;
    frame.bounds.data_offset = static_cast<std::uint32_t>(data);
    frame.bounds.data_length = packet.data_length;
    frame.info.has = hashed ? kUsualInfos | kUsualHashInfos : kUsualInfos;
    frame.info.checksum = head.checksum.value;
    return true;
}

/// Decodes the message at the start of `range`, memory that the host can change.
inline codec::RndisPacketError decode_frame(base::Bytes range, DecodedFrame& frame) noexcept {
    if (decode_usual(range, frame)) [[likely]] {
        return codec::RndisPacketError::kNone;
    }
    wire::RndisPacket header;
    if (range.size() < sizeof header) [[unlikely]] {
        return codec::RndisPacketError::kShort;
    }
    base::copy_foreign(reinterpret_cast<std::byte*>(&header), range.data(), sizeof header);
    const auto error =
        codec::parse_packet_header(header, static_cast<std::uint32_t>(range.size()), frame.bounds);
    if (error != codec::RndisPacketError::kNone) {
        return error;
    }
    const std::uint32_t ppi_bytes = frame.bounds.ppi_length;
    if (ppi_bytes > kMaxPpiBytes) {
        return codec::RndisPacketError::kBadPpiArea;
    }
    std::array<std::byte, kMaxPpiBytes> ppis;
    base::copy_foreign(ppis.data(), range.data() + frame.bounds.ppi_offset, ppi_bytes);
    return codec::parse_packet_info(base::Bytes(ppis).first(ppi_bytes), frame.info);
}

/// The counter of a refusal. Requires: error != kNone.
constexpr RxCount count_of(codec::RndisPacketError error) noexcept {
    return static_cast<RxCount>(static_cast<unsigned>(RxCount::kShort) +
                                static_cast<unsigned>(error) - 1);
}
static_assert(count_of(codec::RndisPacketError::kShort) == RxCount::kShort);
static_assert(count_of(codec::RndisPacketError::kBadOob) == RxCount::kBadOob);
static_assert(count_of(codec::RndisPacketError::kDuplicatePpi) == RxCount::kDuplicatePpi,
              "the two lists name the same errors in the same order");

}  // namespace vmbus::netvsc
