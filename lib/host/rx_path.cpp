#include "host/rx_path.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/copy.hpp"
#include "base/prefetch.hpp"
#include "host/checksum.hpp"
#include "host/vlan_tag.hpp"
#include "ring/geometry.hpp"
#include "wire/rndis.hpp"
#include "wire/rndis_ppi.hpp"

namespace vmbus::host {
namespace {

/// What stands in front of a frame: the checksum info always and first, the tag if there is one.
struct Head {
    wire::RndisPacket packet;
    wire::Ppi32 checksum;
    wire::Ppi32 vlan;
};
static_assert(sizeof(Head) == 76 && sizeof(Head) + 3 * sizeof(wire::Ppi32) <= kFrameOffset);

/// Pieces that are fetched before it is their turn.
constexpr std::uint32_t kAhead = 8;

/// All lines that `bytes` bytes lie in. Requires: bytes <= 2 * base::kCacheLine.
void prefetch_to_write(const std::byte* from, std::size_t bytes) noexcept {
    base::prefetch_to_write(from);
    if (bytes > base::kCacheLine) {
        base::prefetch_to_write(from + base::kCacheLine);
    }
    base::prefetch_to_write(from + bytes - 1);
}

constexpr std::uint32_t kOneInfo = sizeof(wire::Ppi32);

constexpr wire::PpiHeader info_header(wire::PpiType type) noexcept {
    return {.size = kOneInfo,
            .type = static_cast<std::uint32_t>(type),
            .data_offset = sizeof(wire::PpiHeader)};
}

constexpr wire::Ppi32 info(wire::PpiType type, std::uint32_t value) noexcept {
    return {info_header(type), value};
}

constexpr wire::Ppi32 packet_id(unsigned flags) noexcept {
    return info(wire::PpiType::kPacketId, std::bit_cast<std::uint32_t>(wire::PacketId{
                                              .version = wire::kPacketIdVersion,
                                              .flags = static_cast<std::uint8_t>(flags),
                                              .id = 0}));
}

/// What all heads have in common.
constexpr Head kHead = {
    .packet = {.header = {static_cast<std::uint32_t>(wire::RndisType::kPacket), 0},
               .data_offset = kFrameOffset - wire::kRndisOffsetBase,
               .data_length = 0,
               .oob_offset = 0,
               .oob_length = 0,
               .oob_count = 0,
               .ppi_offset = sizeof(wire::RndisPacket) - wire::kRndisOffsetBase,
               .ppi_length = kOneInfo,
               .vc_handle = 0,
               .reserved = 0},
    .checksum = {info_header(wire::PpiType::kChecksum), 0},
    .vlan = {info_header(wire::PpiType::kVlan), 0}};

/// What follows the head of a frame that has a hash.
struct HashInfos {
    wire::Ppi32 value;
    wire::Ppi32 kind;
};
constexpr HashInfos kHashInfos = {.value = info(wire::PpiType::kHashValue, 0),
                                  .kind = info(wire::PpiType::kHashInfo, 0)};

/// Writes the first `bytes` of a head for a message as long as its piece. The values go to where
/// they belong one by one: put together on the stack, they would be read back wider than they were
/// written, and that waits until all stores before them have left the core, which wait for the
/// guest's.
void put_head(base::MutableBytes piece, std::size_t bytes, std::size_t frame_bytes,
              std::uint32_t infos) noexcept {
    using Packet = wire::RndisPacket;
    base::copy(piece.data(), base::bytes_of(kHead).first(bytes));
    base::store_at(piece, offsetof(Packet, header.length),
                   static_cast<std::uint32_t>(piece.size()));
    base::store_at(piece, offsetof(Packet, data_length), static_cast<std::uint32_t>(frame_bytes));
    base::store_at(piece, offsetof(Packet, ppi_length), infos * kOneInfo);
}

constexpr std::size_t value_at(std::size_t info) noexcept {
    return info + offsetof(wire::Ppi32, value);
}

/// The guest's core read these lines last, and to get them here takes longer than to fill them. No
/// line is taken from the guest that is not written, and of a long frame only the start is fetched:
/// the rest the CPU sees coming.
void prefetch_for(const RxFrame& frame, base::MutableBytes piece) noexcept {
    constexpr std::size_t kStart = std::size_t{2} * base::kCacheLine;
    prefetch_to_write(piece.data(),
                      offsetof(Head, vlan) + (frame.hash_info != 0 ? sizeof(HashInfos) : 0));
    prefetch_to_write(piece.data() + kFrameOffset, std::min(frame.bytes.size(), kStart));
}

/// Why the guest does not get the frame; nothing when it does.
std::optional<Drop> refuses(base::Bytes frame, bool tagged, const RxPath::Wishes& wishes) noexcept {
    const std::size_t untagged = frame.size() - (tagged ? kTagBytes : 0);
    if (untagged < kEthernetBytes) {
        return Drop::kRxUndersized;
    }
    if (untagged > wishes.mtu) {
        return Drop::kRxAboveMtu;
    }
    return wishes.filter.refuses(frame);
}

/// A message of its own, as long as its piece. `checks`: nothing when none is wanted.
[[gnu::always_inline]] inline void place(const RxFrame& rx, bool tagged, base::MutableBytes piece,
                                         const ReceiveChecks* checks) noexcept {
    const base::Bytes frame = rx.bytes;
    const std::size_t bytes = frame.size() - (tagged ? kTagBytes : 0);
    const std::size_t head_bytes = tagged ? sizeof(Head) : offsetof(Head, vlan);
    put_head(piece, head_bytes, bytes, 1U + (tagged ? 1U : 0U) + (rx.hash_info != 0 ? 2U : 0U));
    if (tagged) [[unlikely]] {
        base::store_at(piece, value_at(offsetof(Head, vlan)), wire::vlan_from_tci(tci_of(frame)));
        std::memcpy(piece.data() + kFrameOffset, frame.data(), kAddressBytes);
        base::copy(piece.data() + kFrameOffset + kAddressBytes,
                   frame.data() + kAddressBytes + kTagBytes, bytes - kAddressBytes);
    } else {
        base::copy(piece.data() + kFrameOffset, frame);
    }
    if (checks != nullptr) {
        const base::Bytes seen = tagged ? piece.subspan(kFrameOffset, bytes) : frame;
        base::store_at(piece, value_at(offsetof(Head, checksum)), verify_checksums(seen, *checks));
    }
    if (rx.hash_info != 0) {
        base::copy(piece.data() + head_bytes, base::bytes_of(kHashInfos));
        base::store_at(piece, head_bytes + value_at(offsetof(HashInfos, value)), rx.hash_value);
        base::store_at(piece, head_bytes + value_at(offsetof(HashInfos, kind)), rx.hash_info);
    }
}

}  // namespace

RxPath::RxPath(ReceiveBuffer& receive, std::uint32_t channel, Outbox& outbox, FaultPoint faults,
               Counters& counters) noexcept
    : receive_(receive), channel_(channel), outbox_(outbox), spoiler_(faults), counters_(counters) {
    base::store_at(payload_, 0,
                   wire::NvspSendRndisPacket{
                       .type = static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacket),
                       .channel_type = wire::kNvspChannelData,
                       .send_section_index = wire::kNoSendSection,
                       .send_section_length = 0});
}

void RxPath::expect(std::span<const RxFrame> frames) const noexcept {
    for (std::size_t i = 0; i < std::min<std::size_t>(frames.size(), kAhead); ++i) {
        prefetch_for(frames[i], receive_.upcoming(channel_, i));
    }
}

void RxPath::deliver(std::span<const RxFrame> frames, const Wishes& wishes) noexcept {
    while (!frames.empty()) {
        const auto first = frames.first(std::min<std::size_t>(frames.size(), kFramesPerPacket));
        frames = frames.subspan(first.size());
        pending_ = fill(first, wishes);
        if (!send_pending()) {
            counters_.drop(Drop::kRxChannelStuck, frames.size());  // the guest broke the ring
            return;
        }
    }
}

std::uint32_t RxPath::room() noexcept {
    if (spoiler_.active()) {
        spoiler_.rewrite();
    }
    if (!send_pending()) {
        return 0;
    }
    const std::uint32_t pieces = std::min(receive_.free_data(channel_), kMostFrames);
    if (pieces == 0) {
        ++counters_.rx_no_buffer;
        return 0;
    }
    const std::uint32_t frames = fitting(outbox_.room_in_ring());
    if (frames == 0) {
        outbox_.ask_for_room(packet_bytes(std::min(pieces, kFramesPerPacket)));
        return 0;
    }
    return std::min(pieces, frames);
}

/// Of a packet of so many frames.
std::uint32_t RxPath::packet_bytes(std::uint32_t frames) const noexcept {
    return ring::packet_bytes(
        sizeof(wire::TransferPagesHeader) + std::size_t{frames} * sizeof(wire::TransferPageRange),
        outbox_.message_bytes());
}

/// How many frames go into so many bytes of the ring.
std::uint32_t RxPath::fitting(std::uint32_t ring_bytes) const noexcept {
    const std::uint32_t fixed = packet_bytes(0);
    const std::uint32_t full = packet_bytes(kFramesPerPacket);
    const std::uint32_t rest = ring_bytes % full;
    return ring_bytes / full * kFramesPerPacket +
           (rest > fixed ? (rest - fixed) / std::uint32_t{sizeof(wire::TransferPageRange)} : 0);
}

/// Copies the frames into lent pieces; the number that were let in. Requires: 0 < frames.size() <=
/// free pieces.
std::uint32_t RxPath::fill(std::span<const RxFrame> frames, const Wishes& wishes) noexcept {
    const bool coalescing = wishes.offload.rsc_ipv4() || wishes.offload.rsc_ipv6();
    const ReceiveChecks wanted = wishes.offload.receive_checks();
    const ReceiveChecks* const checks = wanted.any() ? &wanted : nullptr;
    const auto pieces = std::span(pieces_).first(frames.size());
    receive_.lend_data(pieces, channel_);
    // Values, since the bytes that are written might be theirs for all the compiler knows.
    const ReceiveBuffer::Cut cut = receive_.cut();
    KindTally tally(counters_.rx_by_kind);
    std::uint32_t tags = 0;
    std::uint32_t used = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const RxFrame& frame = frames[i];
        const bool tagged = is_tagged(frame.bytes);
        if (i + kAhead < frames.size()) {
            prefetch_for(frames[i + kAhead], cut.piece(pieces[used + kAhead]));
        }
        if (const auto drop = refuses(frame.bytes, tagged, wishes)) [[unlikely]] {
            counters_.drop(*drop);
            continue;
        }
        const std::uint32_t piece = pieces[used];
        ranges_.range[used++] = {.byte_count = cut.piece_bytes,
                                 .byte_offset = cut.offset_of(piece)};
        if (coalescing) [[unlikely]] {
            coalesce(frame, piece, wishes, checks);
        } else {
            place(frame, tagged, cut.piece(piece), checks);
        }
        tally.count(frame.bytes);
        tags += tagged ? 1 : 0;
    }
    counters_.rx_bytes += tally.finish();
    counters_.rx_vlan_tags += tags;
    close_unit();
    if (spoiler_.active()) {
        spoil(pieces.first(used));
    }
    if (used == 0) {
        receive_.give_back(pieces[0]);
    } else if (used < frames.size()) {
        receive_.shorten(pieces, used);
    }
    return used;
}

/// Only when all heads are as they should be: none of what was spoilt is read again.
void RxPath::spoil(std::span<const std::uint32_t> pieces) noexcept {
    for (const std::uint32_t piece : pieces) {
        spoiler_.spoil_frame(receive_.piece(piece));
    }
}

/// Adds the frame to the unit that is open; or places it alone, and opens one if it may.
void RxPath::coalesce(const RxFrame& rx, std::uint32_t piece, const Wishes& wishes,
                      const ReceiveChecks* checks) noexcept {
    const base::Bytes frame = rx.bytes;
    const bool tag = is_tagged(frame);
    // Where the tag stood is then 14 bytes before the IP header; the addresses are compared alone.
    const base::Bytes untagged = frame.subspan(tag ? kTagBytes : 0);
    auto segment = coalescible(untagged);
    if (segment && !(segment->v6 ? wishes.offload.rsc_ipv6() : wishes.offload.rsc_ipv4())) {
        segment.reset();
    }
    if (segment && joins_unit(frame, tag, *segment)) {
        place_part(untagged.subspan(segment->header_bytes, segment->payload_bytes), piece);
    } else {
        close_unit();
        place(rx, tag, receive_.piece(piece), checks);
        if (!segment) {
            return;
        }
        unit_ = {.parts = 1,
                 .last_piece = piece,
                 .piece = receive_.piece(piece),
                 .first = *segment,
                 .payload = segment->payload_bytes,
                 .tci = tag ? tci_of(frame) : std::uint16_t{0},
                 .tagged = tag};
    }
    std::copy_n(untagged.begin(), segment->header_bytes, unit_.last_header.begin());
    if (segment->pushed) {
        close_unit();
    }
}

bool RxPath::joins_unit(base::Bytes frame, bool tag, const TcpSegment& segment) const noexcept {
    if (unit_.parts == 0 || tag != unit_.tagged || (tag && tci_of(frame) != unit_.tci)) {
        return false;
    }
    // As the guest will see it: the tag is gone.
    std::array<std::byte, std::tuple_size_v<decltype(unit_.last_header)>> header;
    std::copy_n(frame.begin(), kAddressBytes, header.begin());
    const auto rest = frame.subspan(tag ? kAddressBytes + kTagBytes : kAddressBytes);
    std::copy_n(rest.begin(), segment.header_bytes - kAddressBytes, header.begin() + kAddressBytes);
    return continues(unit_.piece.subspan(kFrameOffset), unit_.first, unit_.payload, header,
                     segment);
}

/// A part that is not the first has no headers, and no info but that it is one.
void RxPath::place_part(base::Bytes payload, std::uint32_t piece) noexcept {
    const auto to = receive_.piece(piece);
    put_head(to, sizeof(wire::RndisPacket), payload.size(), 1);
    base::store_at(to, sizeof(wire::RndisPacket), packet_id(wire::kPacketIdPart));
    std::memcpy(to.data() + kFrameOffset, payload.data(), payload.size());
    ++unit_.parts;
    unit_.payload += payload.size();
    unit_.last_piece = piece;
}

/// Only now is it known where the unit ends.
void RxPath::close_unit() noexcept {
    if (unit_.parts > 1) {
        auto head = base::load_at<wire::RndisPacket>(unit_.piece, 0);
        base::store_at(unit_.piece, sizeof head + head.ppi_length,
                       packet_id(wire::kPacketIdPart | wire::kPacketIdFirst));
        head.ppi_length += kOneInfo;
        head.data_length =
            static_cast<std::uint32_t>(unit_.first.header_bytes + unit_.first.payload_bytes);
        base::store_at(unit_.piece, 0, head);
        base::store_at(unit_.piece, value_at(offsetof(Head, checksum)),
                       wire::kRxTcpGood | wire::kRxTcpValueInvalid |
                           (unit_.first.v6 ? 0U : wire::kRxIpGood | wire::kRxIpValueInvalid));
        base::store_at(receive_.piece(unit_.last_piece), sizeof(wire::RndisPacket),
                       packet_id(wire::kPacketIdPart | wire::kPacketIdLast));
        become_unit(unit_.piece.subspan(kFrameOffset), unit_.first, unit_.payload,
                    unit_.last_header);
        ++counters_.rx_coalesced;
        counters_.rx_coalesced_segments += unit_.parts;
    }
    unit_.parts = 0;
}

bool RxPath::send() noexcept {
    ranges_.header = {.pageset_id = receive_.pageset_id(), .reserved = 0, .range_count = pending_};
    const auto payload = base::Bytes(payload_).first(outbox_.message_bytes());
    if (!(spoiler_.active() ? send_spoilt() : send(ranges_, pieces_[0], payload))) {
        return false;
    }
    counters_.rx_packets += pending_;
    ++counters_.rx_transfer_packets;
    pending_ = 0;
    return true;
}

/// From a copy: what is sent again for want of room must not be spoilt twice.
bool RxPath::send_spoilt() noexcept {
    Ranges ranges = ranges_;
    auto payload = payload_;
    std::uint64_t id = pieces_[0];
    auto type = base::load_at<std::uint32_t>(payload, 0);
    TransferDraft draft{ranges.header, ranges.range, receive_.piece_bytes(), type, id};
    spoiler_.spoil_transfer(draft);
    base::store_at(payload, 0, type);
    return send(ranges, id, base::Bytes(payload).first(outbox_.message_bytes()));
}

bool RxPath::send(const Ranges& ranges, std::uint64_t id, base::Bytes payload) noexcept {
    // The header that goes out is as long as the packet really is, whatever it says.
    const std::size_t header_bytes =
        sizeof ranges.header + pending_ * sizeof(wire::TransferPageRange);
    return outbox_.send({.type = wire::PacketType::kTransferPages,
                         .completion_requested = true,
                         .transaction_id = id,
                         .header = base::bytes_of(ranges).first(header_bytes),
                         .payload = payload});
}

}  // namespace vmbus::host
