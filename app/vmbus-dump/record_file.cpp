#include "record_file.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "codec/nvsp_codec.hpp"
#include "host/record_reader.hpp"
#include "wire/packet.hpp"
#include "wire/rndis.hpp"
#include "words.hpp"

namespace vmbus::dump {
namespace {

using host::Record;
using host::RecordKind;

constexpr std::uint64_t kNanoseconds = 1'000'000'000;
constexpr std::size_t kBytesAtMost = 4096;

/// Whether the record carries frames, or completes what carried some.
bool is_data(const Record& record) {
    const auto type = base::try_load<std::uint32_t>(record.data);
    if (type == static_cast<std::uint32_t>(wire::RndisType::kPacket)) {
        return true;
    }
    const auto descriptor = base::try_load<wire::PacketDescriptor>(record.packet);
    if (!descriptor ||
        descriptor->type != static_cast<std::uint16_t>(wire::PacketType::kCompletion)) {
        return false;
    }
    const auto payload = record.packet.subspan(
        std::min<std::size_t>(descriptor->data_offset8 * std::size_t{8}, record.packet.size()));
    return codec::nvsp_type(payload) == wire::NvspType::kSendRndisPacketComplete;
}

bool wanted(const Record& record, const RecordArguments& arguments) {
    return (!arguments.nic || *arguments.nic == record.place.nic) &&
           (!arguments.channel || *arguments.channel == record.place.channel) &&
           !(arguments.no_data && is_data(record));
}

Lines words_of(const Record& record) {
    switch (record.kind) {
        case RecordKind::kNic:
            return {"offered as " + std::string(reinterpret_cast<const char*>(record.packet.data()),
                                                record.packet.size())};
        case RecordKind::kOpened: return {"opened"};
        case RecordKind::kClosed: return {"closed"};
        case RecordKind::kFromGuest:
        case RecordKind::kToGuest: break;
    }
    Lines lines = packet_words(record.packet, record.data);
    if (record.data_cut_off > 0) {
        lines.push_back(fmt::format("  {} more bytes are not in the file", record.data_cut_off));
    }
    return lines;
}

const char* arrow_of(RecordKind kind) {
    return kind == RecordKind::kFromGuest ? "guest >"
           : kind == RecordKind::kToGuest ? "< host "
                                          : "   -   ";
}

void print(const Record& record, std::uint64_t since, const RecordArguments& arguments) {
    Lines lines = words_of(record);
    if (arguments.hex && record.kind >= RecordKind::kFromGuest) {
        lines.push_back("  packet:" + hex_words(record.packet, kBytesAtMost));
        if (!record.data.empty()) {
            lines.push_back("  data:" + hex_words(record.data, kBytesAtMost));
        }
    }
    const auto head = fmt::format("{:4}.{:06} nic {} ch {:<2} {} ", since / kNanoseconds,
                                  since % kNanoseconds / 1000, record.place.nic,
                                  record.place.channel, arrow_of(record.kind));
    for (std::size_t i = 0; i < lines.size(); ++i) {
        fmt::print("{}{}\n", i == 0 ? head : std::string(head.size(), ' '), lines[i]);
    }
}

}  // namespace

bool dump_record_file(const RecordArguments& arguments, std::string& why) {
    const auto reader = host::RecordReader::open(arguments.file, why);
    if (reader == nullptr) {
        return false;
    }
    std::uint64_t start = 0;
    for (std::uint64_t shown = 0; shown < arguments.count;) {
        const auto record = reader->next();
        if (!record) {
            break;
        }
        start = start == 0 ? record->time_ns : start;
        if (wanted(*record, arguments)) {
            print(*record, record->time_ns - std::min(start, record->time_ns), arguments);
            ++shown;
        }
    }
    why = reader->error().empty() ? "" : fmt::format("{}: {}", arguments.file, reader->error());
    return why.empty();
}

}  // namespace vmbus::dump
