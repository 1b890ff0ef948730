#include "codec/rndis_packet.hpp"

#include <iterator>

namespace vmbus::codec {
namespace {

constexpr std::uint32_t kHeaderBytes = sizeof(wire::RndisPacket);

/// [offset, offset + length) inside [from, to), counted from the message's start.
bool inside(std::uint64_t offset, std::uint32_t length, std::uint32_t from,
            std::uint32_t to) noexcept {
    return offset >= from && offset <= to && to - offset >= length;
}

RndisPacketError take(const wire::PpiHeader& entry, base::Bytes bytes, PacketInfo& info) noexcept {
    for (const KnownPpi& known : kKnownPpis) {
        if (entry.type != static_cast<std::uint32_t>(known.type)) {
            continue;
        }
        if ((info.has & known.has) != 0) {
            return RndisPacketError::kDuplicatePpi;
        }
        const auto value = base::try_load<std::uint32_t>(bytes, entry.data_offset);
        if (!value) {
            return RndisPacketError::kBadPpi;
        }
        info.has = static_cast<std::uint8_t>(info.has | known.has);
        info.*known.value = *value;
    }
    return RndisPacketError::kNone;
}

}  // namespace

const char* to_string(RndisPacketError error) noexcept {
    switch (error) {
        case RndisPacketError::kNone: return "none";
        case RndisPacketError::kShort: return "short";
        case RndisPacketError::kNotAPacket: return "not_a_packet";
        case RndisPacketError::kBadLength: return "bad_length";
        case RndisPacketError::kBadData: return "bad_data";
        case RndisPacketError::kBadOob: return "bad_oob";
        case RndisPacketError::kBadPpiArea: return "bad_ppi_area";
        case RndisPacketError::kBadPpi: return "bad_ppi";
        case RndisPacketError::kDuplicatePpi: return "duplicate_ppi";
    }
    return "unknown";
}

RndisPacketError what_is_wrong(const wire::RndisPacket& header, std::uint32_t available) noexcept {
    if (available < kHeaderBytes) return RndisPacketError::kShort;
    if (header.header.type != static_cast<std::uint32_t>(wire::RndisType::kPacket)) {
        return RndisPacketError::kNotAPacket;
    }
    const std::uint32_t length = header.header.length;
    if (length < kHeaderBytes || length > available) return RndisPacketError::kBadLength;
    if ((header.oob_offset | header.oob_length | header.oob_count) != 0) {
        return RndisPacketError::kBadOob;
    }
    const std::uint64_t data = std::uint64_t{header.data_offset} + wire::kRndisOffsetBase;
    if (header.data_length == 0 || !inside(data, header.data_length, kHeaderBytes, length)) {
        return RndisPacketError::kBadData;
    }
    return RndisPacketError::kBadPpiArea;
}

RndisPacketError parse_more_info(base::Bytes ppis, PacketInfo& info) noexcept {
    while (!ppis.empty()) {
        const auto entry = base::try_load<wire::PpiHeader>(ppis);
        if (!entry || entry->size < sizeof *entry || entry->size > ppis.size() ||
            entry->data_offset < sizeof *entry || entry->data_offset > entry->size) {
            return RndisPacketError::kBadPpi;
        }
        if (const auto error = take(*entry, ppis.first(entry->size), info);
            error != RndisPacketError::kNone) {
            return error;
        }
        ppis = ppis.subspan(entry->size);
    }
    return RndisPacketError::kNone;
}

RndisPacketError parse_packet(base::Bytes message, PacketBounds& bounds,
                              PacketInfo& info) noexcept {
    info = {};
    const auto header = base::try_load<wire::RndisPacket>(message);
    if (!header) return RndisPacketError::kShort;
    const auto error =
        parse_packet_header(*header, static_cast<std::uint32_t>(message.size()), bounds);
    if (error != RndisPacketError::kNone) return error;
    return parse_packet_info(message.subspan(bounds.ppi_offset, bounds.ppi_length), info);
}

void append_infos(base::MutableBytes head, const PacketInfo& info) noexcept {
    std::size_t at = kHeaderBytes;
    for (const KnownPpi& known : kKnownPpis) {
        if ((info.has & known.has) != 0) {
            base::store_at(head, at,
                           wire::Ppi32{.header = {.size = sizeof(wire::Ppi32),
                                                  .type = static_cast<std::uint32_t>(known.type),
                                                  .data_offset = sizeof(wire::PpiHeader)},
                                       .value = info.*known.value});
            at += sizeof(wire::Ppi32);
        }
    }
}

}  // namespace vmbus::codec
