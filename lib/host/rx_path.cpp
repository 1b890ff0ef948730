#include "host/rx_path.hpp"

#include <algorithm>
#include <cstring>

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
static_assert(sizeof(Head) == 76 && sizeof(Head) <= kFrameOffset);

constexpr std::uint32_t kOneInfo = sizeof(wire::Ppi32);

constexpr wire::PpiHeader info_header(wire::PpiType type) noexcept {
    return {.size = kOneInfo,
            .type = static_cast<std::uint32_t>(type),
            .data_offset = sizeof(wire::PpiHeader)};
}

Head head_for(std::uint32_t piece_bytes, std::size_t frame_bytes) noexcept {
    return {
        .packet = {.header = {static_cast<std::uint32_t>(wire::RndisType::kPacket), piece_bytes},
                   .data_offset = kFrameOffset - wire::kRndisOffsetBase,
                   .data_length = static_cast<std::uint32_t>(frame_bytes),
                   .oob_offset = 0,
                   .oob_length = 0,
                   .oob_count = 0,
                   .ppi_offset = sizeof(wire::RndisPacket) - wire::kRndisOffsetBase,
                   .ppi_length = kOneInfo,
                   .vc_handle = 0,
                   .reserved = 0},
        .checksum = {info_header(wire::PpiType::kChecksum), 0},
        .vlan = {info_header(wire::PpiType::kVlan), 0}};
}

}  // namespace

RxPath::RxPath(ReceiveBuffer& receive, Outbox& outbox, Port& port, FaultEngine& faults,
               Counters& counters) noexcept
    : receive_(receive), outbox_(outbox), port_(port), faults_(faults), counters_(counters) {
    base::store_at(payload_, 0,
                   wire::NvspSendRndisPacket{
                       .type = static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacket),
                       .channel_type = wire::kNvspChannelData,
                       .send_section_index = wire::kNoSendSection,
                       .send_section_length = 0});
}

bool RxPath::turn(std::uint32_t mtu, const ReceiveChecks& checks) noexcept {
    checks_ = checks;
    bool busy = false;
    for (std::uint32_t packet = 0; packet < kPacketsPerTurn && send_pending(); ++packet) {
        const std::uint32_t wanted = frames_wanted();
        const std::size_t got = wanted == 0 ? 0 : port_.receive(std::span(frames_).first(wanted));
        if (got == 0) {
            break;
        }
        busy = true;
        pending_ = fill(std::span<const Frame>(frames_).first(got), mtu);
        if (!send_pending() || got < wanted) {
            break;
        }
    }
    return busy;
}

std::uint32_t RxPath::frames_wanted() noexcept {
    const std::uint32_t pieces = std::min(receive_.free_data(), kFramesPerPacket);
    if (pieces == 0) {
        ++counters_.rx_no_buffer;
        return 0;
    }
    const std::uint32_t fixed =
        ring::packet_bytes(sizeof(wire::TransferPagesHeader), outbox_.message_bytes());
    constexpr std::uint32_t kEach = sizeof(wire::TransferPageRange);
    const std::uint32_t room = outbox_.room_in_ring();
    if (room < fixed + kEach) {
        outbox_.ask_for_room(fixed + pieces * kEach);
        return 0;
    }
    return std::min(pieces, (room - fixed) / kEach);
}

/// Copies the frames into lent pieces; the number that were good. Requires: 0 < frames.size() <=
/// free pieces.
std::uint32_t RxPath::fill(std::span<const Frame> frames, std::uint32_t mtu) noexcept {
    const auto pieces = std::span(pieces_).first(frames.size());
    receive_.lend_data(pieces);
    std::uint32_t used = 0;
    for (const Frame& frame : frames) {
        const std::uint32_t piece = pieces[used];
        if (place(frame.bytes, piece, mtu)) {
            ranges_.range[used++] = {.byte_count = receive_.piece_bytes(),
                                     .byte_offset = receive_.offset_of(piece)};
        }
    }
    if (used == 0) {
        receive_.give_back(pieces[0]);
    } else if (used < frames.size()) {
        receive_.shorten(pieces, used);
    }
    return used;
}

bool RxPath::place(base::Bytes frame, std::uint32_t piece, std::uint32_t mtu) noexcept {
    const bool tag = is_tagged(frame);
    const std::size_t bytes = frame.size() - (tag ? kTagBytes : 0);
    if (bytes < kEthernetBytes) {
        counters_.drop(Drop::kRxUndersized);
        return false;
    }
    if (bytes > mtu) {
        counters_.drop(Drop::kRxAboveMtu);
        return false;
    }
    const auto to = receive_.piece(piece);
    Head head = head_for(receive_.piece_bytes(), bytes);
    if (tag) {
        head.packet.ppi_length += kOneInfo;
        head.vlan.value = wire::vlan_from_tci(tci_of(frame));
        std::memcpy(to.data() + kFrameOffset, frame.data(), kAddressBytes);
        std::memcpy(to.data() + kFrameOffset + kAddressBytes,
                    frame.data() + kAddressBytes + kTagBytes, bytes - kAddressBytes);
    } else {
        std::memcpy(to.data() + kFrameOffset, frame.data(), bytes);
    }
    if (checks_.any()) {
        // Where the tag stood is then 14 bytes before the IP header; the addresses do not matter.
        head.checksum.value = verify_checksums(frame.subspan(tag ? kTagBytes : 0), checks_);
    }
    std::memcpy(to.data(), &head, tag ? sizeof head : offsetof(Head, vlan));
    if (faults_.active()) {
        spoil_length(to);
        spoil_info(to);
    }
    counters_.rx_bytes += frame.size();
    counters_.rx_by_kind.count(frame);
    return true;
}

void RxPath::spoil_length(base::MutableBytes piece) noexcept {
    if (faults_.due(Fault::kBadRndisLength)) {
        base::store_at(piece, offsetof(wire::RndisHeader, length), receive_.piece_bytes() * 2);
    }
}

void RxPath::spoil_info(base::MutableBytes piece) noexcept {
    if (faults_.due(Fault::kBadPpi)) {
        base::store_at(piece, offsetof(Head, checksum), std::uint32_t{0});
    }
}

bool RxPath::send() noexcept {
    ranges_.header = {.pageset_id = receive_.pageset_id(), .reserved = 0, .range_count = pending_};
    const std::size_t header_bytes =
        sizeof ranges_.header + pending_ * sizeof(wire::TransferPageRange);
    if (!outbox_.send({.type = wire::PacketType::kTransferPages,
                       .completion_requested = true,
                       .transaction_id = pieces_[0],
                       .header = base::bytes_of(ranges_).first(header_bytes),
                       .payload = base::Bytes(payload_).first(outbox_.message_bytes())})) {
        return false;
    }
    counters_.rx_packets += pending_;
    ++counters_.rx_transfer_packets;
    pending_ = 0;
    return true;
}

}  // namespace vmbus::host
