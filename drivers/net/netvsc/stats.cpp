#include "net/netvsc/stats.hpp"

#include <cstdio>

namespace vmbus::netvsc {

const std::array<const char*, RxCounters::kSize> kRxNames = {
    "packets",         "bytes",
    "short_errors",    "not_a_packet_errors",
    "length_errors",   "data_errors",
    "oob_errors",      "ppi_area_errors",
    "ppi_errors",      "duplicate_ppi_errors",
    "too_long_drops",  "vlan_errors",
    "fragment_errors", "no_mbuf",
    "lent_packets",    "channel_lost",
};

const std::array<const char*, TxCounters::kSize> kTxNames = {
    "packets",        "bytes",       "copied_packets",
    "direct_packets", "messages",    "host_failed_packets",
    "bad_id_errors",  "empty_drops", "too_long_drops",
    "ring_full",      "no_slot",     "owner_busy",
    "channel_lost",
};

const std::array<const char*, RingCounters::kSize> kRingNames = {
    "short_data_errors",
    "length_errors",
    "flag_errors",
    "type_errors",
    "range_count_errors",
    "footer_errors",
    "index_errors",
    "gpa_direct_errors",
    "transfer_message_errors",
    "transfer_buffer_errors",
    "transfer_count_errors",
    "transfer_range_errors",
    "transfer_id_held_errors",
    "completion_id_errors",
    "completion_overflow_errors",
    "control_errors",
    "control_unexpected",
    "in_band_unknown",
    "vf_associations",
    "indirection_tables",
    "acks_deferred",
    "unclaimed_drops",
    "indirection_table_errors",
    "vf_association_errors",
    "paths_taken",
    "path_switch_errors",
    "status_unknown",
    "stalls",
    "given_up",
    "read_index_errors",
};

bool format_name(std::span<char> out, const char* direction, unsigned queue,
                 const char* name) noexcept {
    const int written =
        queue == kNoQueue
            ? std::snprintf(out.data(), out.size(), "%s_%s", direction, name)
            : std::snprintf(out.data(), out.size(), "%s_q%u_%s", direction, queue, name);
    return written > 0 && static_cast<std::size_t>(written) < out.size();
}

std::uint64_t errors_of(const RxCounters& counters) noexcept {
    std::uint64_t sum = 0;
    for (auto i = static_cast<std::size_t>(RxCount::kShort);
         i <= static_cast<std::size_t>(RxCount::kBadFragment); ++i) {
        sum += counters.at(i).value();
    }
    return sum;
}

std::uint64_t errors_of(const TxCounters& counters) noexcept {
    return counters[TxCount::kHostFailed].value() + counters[TxCount::kEmpty].value() +
           counters[TxCount::kTooLong].value();
}

}  // namespace vmbus::netvsc
