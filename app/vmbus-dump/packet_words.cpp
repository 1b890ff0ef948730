#include <fmt/core.h>

#include <algorithm>

#include "codec/names.hpp"
#include "wire/nvsp.hpp"
#include "wire/packet.hpp"
#include "words.hpp"

namespace vmbus::dump {
namespace {

using namespace wire;
using codec::name_of;

constexpr std::size_t kUnit = 8;

void add_indented(const Lines& more, Lines& lines) {
    for (const std::string& line : more) {
        lines.push_back("  " + line);
    }
}

/// Each range is one or more RNDIS messages, so they are cut apart where the ranges end.
void add_ranges(base::Bytes header, base::Bytes data, Lines& lines) {
    const auto head = base::try_load<TransferPagesHeader>(header);
    if (!head) {
        lines.push_back("  no room for the ranges");
        return;
    }
    lines.front() +=
        fmt::format(", pageset 0x{:x}, {} range(s)", head->pageset_id, head->range_count);
    for (std::uint32_t i = 0; i < head->range_count; ++i) {
        const auto range = base::try_load<TransferPageRange>(
            header, sizeof *head + std::size_t{i} * sizeof(TransferPageRange));
        if (!range) {
            lines.push_back(fmt::format("  range {}: not in the packet", i));
            return;
        }
        lines.push_back(
            fmt::format("  range {}: {} bytes at {}", i, range->byte_count, range->byte_offset));
        const auto there = data.first(std::min<std::size_t>(range->byte_count, data.size()));
        for (const std::string& line : rndis_words(there)) {
            lines.push_back("    " + line);
        }
        data = data.subspan(there.size());
    }
}

void add_pages(base::Bytes header, Lines& lines) {
    const auto head = base::try_load<GpaDirectHeader>(header);
    lines.front() += head ? fmt::format(", {} range(s) of pages", head->range_count)
                          : std::string(", no room for the ranges");
}

}  // namespace

std::string hex_words(base::Bytes bytes, std::size_t most) {
    std::string text;
    for (const std::byte byte : bytes.first(std::min(bytes.size(), most))) {
        text += fmt::format(" {:02x}", std::to_integer<unsigned>(byte));
    }
    return bytes.size() > most ? text + " ..." : text;
}

Lines packet_words(base::Bytes packet, base::Bytes data) {
    const auto descriptor = base::try_load<PacketDescriptor>(packet);
    if (!descriptor || descriptor->data_offset8 * kUnit < sizeof *descriptor ||
        descriptor->data_offset8 * kUnit > packet.size()) {
        return {fmt::format("no packet:{}", hex_words(packet, 32))};
    }
    const auto type = static_cast<PacketType>(descriptor->type);
    const std::size_t header_bytes = descriptor->data_offset8 * kUnit;
    const auto header = packet.subspan(sizeof *descriptor, header_bytes - sizeof *descriptor);
    const auto payload = packet.subspan(header_bytes);
    Lines lines{
        fmt::format("{} id 0x{:x}{}", name_of(type), descriptor->transaction_id,
                    (descriptor->flags & kCompletionRequested) != 0 ? " (to complete)" : "")};
    if (type == PacketType::kGpaDirect) {
        add_pages(header, lines);
    }
    if (!payload.empty()) {
        lines.front() += ": " + nvsp_words(payload);
    }
    if (type == PacketType::kTransferPages) {
        add_ranges(header, data, lines);
    } else {
        add_indented(rndis_words(data), lines);
    }
    return lines;
}

}  // namespace vmbus::dump
