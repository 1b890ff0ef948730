#include "host/record.hpp"

#include <algorithm>

namespace vmbus::host {

std::optional<Record> parse_record(base::Bytes bytes, std::uint64_t time_ns) noexcept {
    const auto header = base::try_load<RecordHeader>(bytes);
    if (!header || header->version != kRecordVersion ||
        header->kind < static_cast<std::uint8_t>(RecordKind::kNic) ||
        header->kind > static_cast<std::uint8_t>(RecordKind::kToGuest)) {
        return std::nullopt;
    }
    const base::Bytes rest = bytes.subspan(sizeof *header);
    if (header->packet_bytes > rest.size()) {
        return std::nullopt;
    }
    const base::Bytes data = rest.subspan(header->packet_bytes);
    const auto kept =
        static_cast<std::uint32_t>(std::min<std::size_t>(data.size(), header->data_bytes));
    return Record{.kind = static_cast<RecordKind>(header->kind),
                  .place = {.nic = header->nic, .channel = header->channel},
                  .time_ns = time_ns,
                  .packet = rest.first(header->packet_bytes),
                  .data = data.first(kept),
                  .data_cut_off = header->data_bytes - kept};
}

}  // namespace vmbus::host
