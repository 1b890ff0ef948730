// One RNDIS message of a receive range -> where its frame is and what is said about it. The header
// and the per-packet info are copied out of the shared buffer once; everything decided here was
// decided on the copy. No DPDK: the fuzzer calls exactly this. Docs: docs/wire.md, "RNDIS".
#pragma once

#include <array>

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

/// Decodes the message at the start of `range`, memory that the host can change.
inline codec::RndisPacketError decode_frame(base::Bytes range, DecodedFrame& frame) noexcept {
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
