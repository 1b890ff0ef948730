#include "host/recorded_packet.hpp"

#include <algorithm>

#include "codec/names.hpp"
#include "codec/rndis_codec.hpp"
#include "codec/rndis_packet.hpp"
#include "host/vlan_tag.hpp"
#include "wire/nvsp.hpp"

namespace vmbus::host {
namespace {

using wire::NvspType;
using wire::Oid;
using wire::RndisType;

constexpr std::size_t kUnit = 8;

bool is(std::uint32_t type, NvspType wanted) noexcept {
    return type == static_cast<std::uint32_t>(wanted);
}
bool is(std::uint32_t type, RndisType wanted) noexcept {
    return type == static_cast<std::uint32_t>(wanted);
}

/// What a SET opens its packet filter for; nothing when it is none.
std::optional<std::uint32_t> filter_of(const MessageKind& kind, base::Bytes data) noexcept {
    codec::OidRequest request;
    if (!is(kind.rndis, RndisType::kSet) ||
        kind.oid != static_cast<std::uint32_t>(Oid::kCurrentPacketFilter) ||
        codec::decode_oid_request(data, RndisType::kSet, request) != codec::RndisError::kNone) {
        return std::nullopt;
    }
    return base::try_load<std::uint32_t>(request.info);
}

std::string hex_at(base::Bytes bytes, std::size_t at) {
    constexpr char kDigits[] = "0123456789abcdef";
    if (at >= bytes.size()) {
        return "nothing";
    }
    const auto byte = std::to_integer<unsigned>(bytes[at]);
    return {'0', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

}  // namespace

std::optional<PacketParts> parts_of(base::Bytes packet) noexcept {
    const auto descriptor = base::try_load<wire::PacketDescriptor>(packet);
    const std::size_t offset = descriptor ? descriptor->data_offset8 * kUnit : 0;
    if (offset < sizeof(wire::PacketDescriptor) || offset > packet.size()) {
        return std::nullopt;
    }
    return PacketParts{.descriptor = *descriptor,
                       .header = packet.subspan(sizeof *descriptor, offset - sizeof *descriptor),
                       .payload = packet.subspan(offset)};
}

std::vector<wire::TransferPageRange> ranges_of(const PacketParts& parts) {
    std::vector<wire::TransferPageRange> ranges;
    if (parts.type() != wire::PacketType::kTransferPages) {
        return ranges;
    }
    std::size_t at = sizeof(wire::TransferPagesHeader);
    while (const auto range = base::try_load<wire::TransferPageRange>(parts.header, at)) {
        ranges.push_back(*range);
        at += sizeof *range;
    }
    return ranges;
}

bool MessageKind::is_frames() const noexcept {
    return is(nvsp, NvspType::kSendRndisPacket) && is(rndis, RndisType::kPacket);
}

bool MessageKind::is_query() const noexcept {
    return is(rndis, RndisType::kQuery);
}

MessageKind kind_of_message(base::Bytes payload, base::Bytes data) noexcept {
    MessageKind kind{.nvsp = base::try_load<std::uint32_t>(payload).value_or(0)};
    if (is(kind.nvsp, NvspType::kSendRndisPacket)) {
        kind.rndis = base::try_load<std::uint32_t>(data).value_or(0);
    }
    if (is(kind.rndis, RndisType::kQuery) || is(kind.rndis, RndisType::kSet)) {
        kind.oid = base::try_load<std::uint32_t>(data, offsetof(wire::RndisQuery, oid)).value_or(0);
    }
    return kind;
}

std::string to_string(const MessageKind& kind) {
    if (kind.rndis == 0) {
        return codec::name_of(static_cast<NvspType>(kind.nvsp));
    }
    const std::string message = codec::name_of(static_cast<RndisType>(kind.rndis));
    return kind.oid == 0 ? message : message + " " + codec::name_of(static_cast<Oid>(kind.oid));
}

std::optional<std::uint32_t> reply_to(base::Bytes message) noexcept {
    constexpr std::uint32_t kReplyBit = 0x80000000;
    const auto type = base::try_load<std::uint32_t>(message);
    return type && (*type & kReplyBit) != 0
               ? base::try_load<std::uint32_t>(message, kRequestIdOffset)
               : std::nullopt;
}

bool says_goodbye(const MessageKind& kind, base::Bytes data) noexcept {
    return is(kind.nvsp, NvspType::kRevokeReceiveBuffer) ||
           is(kind.nvsp, NvspType::kRevokeSendBuffer) || is(kind.rndis, RndisType::kHalt) ||
           filter_of(kind, data) == 0U;
}

bool begins_something(const MessageKind& kind, base::Bytes data) noexcept {
    return is(kind.nvsp, NvspType::kInit) || filter_of(kind, data).value_or(0) != 0;
}

std::string difference_between(base::Bytes expected, base::Bytes got, std::size_t from,
                               std::size_t to) {
    const std::size_t end = std::min(to, std::max(expected.size(), got.size()));
    for (std::size_t at = from; at < end; ++at) {
        if (at >= expected.size() || at >= got.size() || expected[at] != got[at]) {
            return " differs at byte " + std::to_string(at) + ": expected " + hex_at(expected, at) +
                   ", got " + hex_at(got, at);
        }
    }
    return {};
}

void for_each_frame(base::Bytes messages, const std::function<void(base::Bytes)>& visit) {
    while (const auto header = base::try_load<wire::RndisPacket>(messages)) {
        codec::PacketBounds bounds;
        if (codec::parse_packet_header(*header, static_cast<std::uint32_t>(messages.size()),
                                       bounds) != codec::RndisPacketError::kNone) {
            return;
        }
        const auto frame = messages.subspan(bounds.data_offset, bounds.data_length);
        codec::PacketInfo info;
        codec::parse_packet_info(messages.subspan(bounds.ppi_offset, bounds.ppi_length), info);
        if ((info.has & codec::PacketInfo::kVlan) != 0 && frame.size() >= kAddressBytes) {
            std::vector<std::byte> tagged(kTagBytes + frame.size());
            std::copy(frame.begin(), frame.end(), tagged.begin() + kTagBytes);
            insert_tag(tagged, wire::vlan_to_tci(info.vlan));
            visit(tagged);
        } else {
            visit(frame);
        }
        messages = messages.subspan(bounds.message_length);
    }
}

}  // namespace vmbus::host
