#include <fmt/core.h>

#include <algorithm>

#include "codec/names.hpp"
#include "codec/rndis_codec.hpp"
#include "codec/rndis_packet.hpp"
#include "wire/rndis.hpp"
#include "wire/rndis_ppi.hpp"
#include "words.hpp"

namespace vmbus::dump {
namespace {

using namespace wire;
using codec::bits_of;
using codec::name_of;

constexpr std::size_t kInfoBytesShown = 32;

std::string info_words(base::Bytes info) {
    return fmt::format("{} bytes{}{}", info.size(), info.empty() ? "" : ":",
                       hex_words(info, kInfoBytesShown));
}

std::string initialize_words(base::Bytes message) {
    RndisInitialize request{};
    const auto error = codec::decode_initialize(message, request);
    return error != codec::RndisError::kNone
               ? codec::to_string(error)
               : fmt::format("id {}, version {}.{}, {} bytes at most", request.request_id,
                             request.major, request.minor, request.max_transfer_size);
}

std::string oid_words(base::Bytes message, RndisType type) {
    codec::OidRequest request;
    const auto error = codec::decode_oid_request(message, type, request);
    return error != codec::RndisError::kNone
               ? codec::to_string(error)
               : fmt::format("id {}, {}, {}", request.request_id, name_of(request.oid),
                             info_words(request.info));
}

std::string id_words(base::Bytes message, RndisType type) {
    std::uint32_t id = 0;
    const auto error = codec::decode_request_id(message, type, id);
    return error != codec::RndisError::kNone ? codec::to_string(error) : fmt::format("id {}", id);
}

std::string completion_words(base::Bytes message) {
    codec::Completion completion;
    if (const auto error = codec::decode_completion(message, completion);
        error != codec::RndisError::kNone) {
        return codec::to_string(error);
    }
    std::string text = fmt::format("id {}, {}", completion.request_id, name_of(completion.status));
    if (completion.type == RndisType::kInitializeComplete) {
        const auto& reply = completion.initialize;
        text += fmt::format(", version {}.{}, {} packets or {} bytes a message, alignment 2^{}",
                            reply.major, reply.minor, reply.max_packets_per_message,
                            reply.max_transfer_size, reply.packet_alignment_factor);
    } else if (completion.type == RndisType::kQueryComplete) {
        text += ", " + info_words(completion.info);
    }
    return text;
}

std::string indication_words(base::Bytes message) {
    codec::StatusIndication indication;
    const auto error = codec::decode_indicate_status(message, indication);
    return error != codec::RndisError::kNone
               ? codec::to_string(error)
               : fmt::format("{}, {}", name_of(indication.status), info_words(indication.info));
}

std::string control_words(base::Bytes message, RndisType type) {
    switch (type) {
        case RndisType::kInitialize: return initialize_words(message);
        case RndisType::kQuery:
        case RndisType::kSet: return oid_words(message, type);
        case RndisType::kHalt:
        case RndisType::kKeepalive: return id_words(message, type);
        case RndisType::kInitializeComplete:
        case RndisType::kQueryComplete:
        case RndisType::kSetComplete:
        case RndisType::kKeepaliveComplete: return completion_words(message);
        case RndisType::kIndicateStatus: return indication_words(message);
        case RndisType::kPacket:
        case RndisType::kReset:
        case RndisType::kResetComplete: break;
    }
    return info_words(message.subspan(sizeof(RndisHeader)));
}

/// Both directions use the same word with other bits; a guest never sets the upper ones of a host.
std::string checksum_words(std::uint32_t word) {
    constexpr const char* kGuest[] = {"ipv4", "ipv6", "tcp", "udp", "ip-header"};
    constexpr const char* kHost[] = {"tcp-bad",  "udp-bad",           "ip-bad",
                                     "tcp-good", "udp-good",          "ip-good",
                                     "loopback", "tcp-value-invalid", "ip-value-invalid"};
    const std::uint32_t offset = word >> kTxChecksumOffsetShift & kTxChecksumOffsetMask;
    return offset != 0 ? fmt::format("checksum {} at {}", bits_of(word & 0x1F, kGuest), offset)
                       : fmt::format("checksum {} (of a guest: {})", bits_of(word & 0xFFFF, kHost),
                                     bits_of(word & 0x1F, kGuest));
}

std::string ppi_words(const PpiHeader& header, base::Bytes value) {
    const auto word = base::try_load<std::uint32_t>(value).value_or(0);
    if ((header.type & kPpiInternal) != 0) {
        return fmt::format("internal info {}:{}", header.type & ~kPpiInternal,
                           hex_words(value, kInfoBytesShown));
    }
    switch (static_cast<PpiType>(header.type)) {
        case PpiType::kChecksum: return checksum_words(word);
        case PpiType::kLso:
            return fmt::format("LSO mss {}, TCP header at {}, v{}, IPv{}", word & 0xFFFFF,
                               word >> 20 & 0x3FF, (word >> 30 & 1U) + 1, word >> 31 != 0 ? 6 : 4);
        case PpiType::kVlan:
            return fmt::format("VLAN id {} priority {} dei {}", word >> 4 & 0xFFF, word & 7,
                               word >> 3 & 1);
        case PpiType::kHashValue: return fmt::format("hash 0x{:08x}", word);
        case PpiType::kHashInfo: return fmt::format("hash info 0x{:x}", word);
        default: return fmt::format("info {}:{}", header.type, hex_words(value, kInfoBytesShown));
    }
}

void add_ppis(base::Bytes area, Lines& lines) {
    while (!area.empty()) {
        const auto header = base::try_load<PpiHeader>(area);
        if (!header || header->size < sizeof *header || header->size > area.size() ||
            header->data_offset > header->size) {
            lines.push_back(fmt::format("  broken info:{}", hex_words(area, kInfoBytesShown)));
            return;
        }
        const auto value = area.subspan(header->data_offset, header->size - header->data_offset);
        lines.push_back("  " + ppi_words(*header, value));
        area = area.subspan(header->size);
    }
}

void add_packet(base::Bytes message, Lines& lines) {
    const auto packet = base::try_load<RndisPacket>(message);
    codec::PacketBounds bounds;
    const auto error = packet ? codec::parse_packet_header(
                                    *packet, static_cast<std::uint32_t>(message.size()), bounds)
                              : codec::RndisPacketError::kShort;
    if (error != codec::RndisPacketError::kNone) {
        lines.back() += fmt::format(", {}:{}", codec::to_string(error),
                                    hex_words(message, sizeof(RndisPacket)));
        return;
    }
    lines.back() +=
        fmt::format(", frame of {} bytes at {}", bounds.data_length, bounds.data_offset);
    add_ppis(message.subspan(bounds.ppi_offset, bounds.ppi_length), lines);
    lines.push_back("  " + frame_words(message.subspan(bounds.data_offset, bounds.data_length)));
}

}  // namespace

Lines rndis_words(base::Bytes messages) {
    Lines lines;
    while (!messages.empty()) {
        const auto header = base::try_load<RndisHeader>(messages);
        if (!header || header->length < sizeof *header) {
            lines.push_back(fmt::format("{} bytes that are no RNDIS message:{}", messages.size(),
                                        hex_words(messages, kInfoBytesShown)));
            break;
        }
        const auto type = static_cast<RndisType>(header->type);
        const auto length = std::min<std::size_t>(header->length, messages.size());
        lines.push_back(fmt::format("{} {} bytes", name_of(type), header->length));
        if (length < header->length && type != RndisType::kPacket) {
            lines.back() += fmt::format(", of which {} are there", length);
        }
        const auto message = messages.first(length);
        if (type == RndisType::kPacket) {
            add_packet(message, lines);
        } else {
            lines.back() += ", " + control_words(message, type);
        }
        messages = messages.subspan(length);
    }
    return lines;
}

}  // namespace vmbus::dump
