#include "host/violation.hpp"

#include <algorithm>

namespace vmbus::host {

// A switch without default: the compiler names the enumerator that was forgotten.
const char* to_string(Violation violation) noexcept {
    switch (violation) {
        case Violation::kRingShortData: return "ring_short_data";
        case Violation::kRingBadLengths: return "ring_bad_lengths";
        case Violation::kRingBadFlags: return "ring_bad_flags";
        case Violation::kRingBadType: return "ring_bad_type";
        case Violation::kRingBadRangeCount: return "ring_bad_range_count";
        case Violation::kRingBadFooter: return "ring_bad_footer";
        case Violation::kRingBadWriteIndex: return "ring_bad_write_index";
        case Violation::kRingBadReadIndex: return "ring_bad_read_index";
        case Violation::kInterruptMaskWritten: return "interrupt_mask_written";
        case Violation::kTransferPagesFromGuest: return "transfer_pages_from_guest";
        case Violation::kMissingCompletionFlag: return "missing_completion_flag";
        case Violation::kBadCompletionId: return "bad_completion_id";
        case Violation::kCompletionOnWrongChannel: return "completion_on_wrong_channel";
        case Violation::kBadCompletion: return "bad_completion";
        case Violation::kNvspShortMessage: return "nvsp_short_message";
        case Violation::kNvspUnknownType: return "nvsp_unknown_type";
        case Violation::kNvspWrongOrder: return "nvsp_wrong_order";
        case Violation::kNvspRepeated: return "nvsp_repeated";
        case Violation::kNvspAfterRevoke: return "nvsp_after_revoke";
        case Violation::kNvspUnknownGpadl: return "nvsp_unknown_gpadl";
        case Violation::kNvspBufferTooSmall: return "nvsp_buffer_too_small";
        case Violation::kNvspBadSubChannelRequest: return "nvsp_bad_sub_channel_request";
        case Violation::kNvspOnSubChannel: return "nvsp_on_sub_channel";
        case Violation::kNoExternalData: return "no_external_data";
        case Violation::kBadSectionIndex: return "bad_section_index";
        case Violation::kBadSectionLength: return "bad_section_length";
        case Violation::kSectionReused: return "section_reused";
        case Violation::kBadGpaList: return "bad_gpa_list";
        case Violation::kGpaOutsideMemory: return "gpa_outside_memory";
        case Violation::kMessageTooLarge: return "message_too_large";
        case Violation::kDataBeforeInitialize: return "data_before_initialize";
        case Violation::kRndisShort: return "rndis_short";
        case Violation::kRndisBadLength: return "rndis_bad_length";
        case Violation::kRndisBadData: return "rndis_bad_data";
        case Violation::kRndisBadOob: return "rndis_bad_oob";
        case Violation::kRndisBadPpiArea: return "rndis_bad_ppi_area";
        case Violation::kRndisBadPpi: return "rndis_bad_ppi";
        case Violation::kRndisDuplicatePpi: return "rndis_duplicate_ppi";
        case Violation::kRndisHeaderAcrossRanges: return "rndis_header_across_ranges";
        case Violation::kRndisNotAPacket: return "rndis_not_a_packet";
        case Violation::kTooManyPackets: return "too_many_packets";
        case Violation::kLsoNotOffered: return "lso_not_offered";
        case Violation::kBadLsoRequest: return "bad_lso_request";
        case Violation::kLsoTooLarge: return "lso_too_large";
        case Violation::kBadChecksumRequest: return "bad_checksum_request";
        case Violation::kUndersizedFrame: return "undersized_frame";
        case Violation::kOversizedFrame: return "oversized_frame";
        case Violation::kControlUnknownType: return "control_unknown_type";
        case Violation::kControlShort: return "control_short";
        case Violation::kControlBadLength: return "control_bad_length";
        case Violation::kControlBadInfo: return "control_bad_info";
        case Violation::kControlTooLarge: return "control_too_large";
        case Violation::kControlOnSubChannel: return "control_on_sub_channel";
        case Violation::kControlRepeatedInitialize: return "control_repeated_initialize";
        case Violation::kOidShortBuffer: return "oid_short_buffer";
        case Violation::kOidBadValue: return "oid_bad_value";
    }
    return "unknown";
}

Violation violation_of(ring::PacketError error) noexcept {
    switch (error) {
        case ring::PacketError::kNone:
        case ring::PacketError::kShortData: return Violation::kRingShortData;
        case ring::PacketError::kBadLengths: return Violation::kRingBadLengths;
        case ring::PacketError::kBadFlags: return Violation::kRingBadFlags;
        case ring::PacketError::kBadType: return Violation::kRingBadType;
        case ring::PacketError::kBadRangeCount: return Violation::kRingBadRangeCount;
        case ring::PacketError::kBadFooter: return Violation::kRingBadFooter;
        case ring::PacketError::kBadIndex: return Violation::kRingBadWriteIndex;
    }
    return Violation::kRingBadType;
}

Violation violation_of(codec::RndisPacketError error) noexcept {
    switch (error) {
        case codec::RndisPacketError::kNone:
        case codec::RndisPacketError::kShort: return Violation::kRndisShort;
        case codec::RndisPacketError::kNotAPacket: return Violation::kRndisNotAPacket;
        case codec::RndisPacketError::kBadLength: return Violation::kRndisBadLength;
        case codec::RndisPacketError::kBadData: return Violation::kRndisBadData;
        case codec::RndisPacketError::kBadOob: return Violation::kRndisBadOob;
        case codec::RndisPacketError::kBadPpiArea: return Violation::kRndisBadPpiArea;
        case codec::RndisPacketError::kBadPpi: return Violation::kRndisBadPpi;
        case codec::RndisPacketError::kDuplicatePpi: return Violation::kRndisDuplicatePpi;
    }
    return Violation::kRndisShort;
}

Violation violation_of(codec::RndisError error) noexcept {
    switch (error) {
        case codec::RndisError::kNone:
        case codec::RndisError::kShort: return Violation::kControlShort;
        case codec::RndisError::kBadLength: return Violation::kControlBadLength;
        case codec::RndisError::kBadType: return Violation::kControlUnknownType;
        case codec::RndisError::kBadInfo:
        case codec::RndisError::kBadValue: return Violation::kControlBadInfo;
    }
    return Violation::kControlShort;
}

void ViolationLog::record(Violation violation, base::Bytes offending) noexcept {
    Entry& entry = entries_[static_cast<std::size_t>(violation)];
    ++total_;
    if (entry.count++ == 0) {
        entry.kept = std::min(offending.size(), kBytesKept);
        std::copy_n(offending.begin(), entry.kept, entry.bytes.begin());
    }
}

}  // namespace vmbus::host
