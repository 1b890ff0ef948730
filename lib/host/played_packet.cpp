#include "host/played_packet.hpp"

#include <utility>

#include "host/recorded_packet.hpp"
#include "wire/packet.hpp"

namespace vmbus::host {

PlayedPacket played_packet(std::uint16_t channel, base::Bytes packet, base::Bytes data,
                           const PlayedIds& ids) {
    constexpr std::size_t kId = offsetof(wire::PacketDescriptor, transaction_id);
    constexpr std::size_t kPageset =
        sizeof(wire::PacketDescriptor) + offsetof(wire::TransferPagesHeader, pageset_id);
    PlayedPacket played{.channel = channel,
                        .packet = {packet.begin(), packet.end()},
                        .data = {data.begin(), data.end()}};
    const auto parts = parts_of(packet);
    if (!parts) {
        return played;
    }
    played.ranges = ranges_of(*parts);
    played.has_frames = kind_of_message(parts->payload, data).is_frames();
    if (parts->type() == wire::PacketType::kCompletion) {
        base::store_at(played.packet, kId, ids.packet);
    } else if (!played.ranges.empty()) {
        base::store_at(played.packet, kPageset, ids.receive_buffer);
    }
    if (reply_to(data)) {
        base::store_at(played.data, kRequestIdOffset, ids.request);
    }
    return played;
}

/// By as many pieces as it takes, and the id of the packet with them: it is the number of a piece.
bool move_from_lent(PlayedPacket& packet, const LentRanges& lent, std::uint64_t buffer_bytes) {
    const std::uint32_t piece = packet.ranges.empty() ? 0 : packet.ranges.front().byte_count;
    auto moved = packet.ranges;
    std::uint64_t pieces = 0;
    while (lent.overlap(moved)) {
        ++pieces;
        for (auto& range : moved) {
            const std::uint64_t end = std::uint64_t{range.byte_offset} + 2 * std::uint64_t{piece};
            if (!packet.has_frames || piece == 0 || end > buffer_bytes) {
                return false;
            }
            range.byte_offset += piece;
        }
    }
    constexpr std::size_t kRanges =
        sizeof(wire::PacketDescriptor) + sizeof(wire::TransferPagesHeader);
    for (std::size_t i = 0; i < moved.size(); ++i) {
        base::store_at(packet.packet, kRanges + i * sizeof moved[i], moved[i]);
    }
    const auto id = base::load_at<wire::PacketDescriptor>(packet.packet, 0).transaction_id;
    base::store_at(packet.packet, offsetof(wire::PacketDescriptor, transaction_id), id + pieces);
    packet.ranges = std::move(moved);
    return true;
}

}  // namespace vmbus::host
