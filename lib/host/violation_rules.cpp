#include "host/violation_rules.hpp"

#include <array>

namespace vmbus::host {
namespace {

using enum Reaction;

/// Strict, tolerant, openvmm; then the source. In the order of the enumerators.
constexpr std::array<ViolationRule, kViolations> kRules = {{
    {Violation::kRingShortData, "ring_short_data",
     "Between the indices lies at least one packet descriptor of 16 bytes, or nothing.", kStops,
     kSkipped, kStops,
     "OpenVMM vmbus_ring: a corrupt ring ends the worker of the channel (InvalidDataAvailable)"},
    {Violation::kRingBadLengths, "ring_bad_lengths",
     "A descriptor's data_offset8 is at least 2 (3 with a range list) and at most length8, and the "
     "packet with its 8-byte footer ends at or before the write index.",
     kStops, kSkipped, kStops,
     "OpenVMM vmbus_ring: a corrupt ring ends the worker of the channel (InvalidDescriptorLengths; "
     "it forgets the footer)"},
    {Violation::kRingBadFlags, "ring_bad_flags",
     "The only flag of a descriptor is bit 0, completion requested.", kStops, kSkipped, kStops,
     "OpenVMM vmbus_ring: a corrupt ring ends the worker of the channel (InvalidDescriptorFlags)"},
    {Violation::kRingBadType, "ring_bad_type",
     "A packet is in-band (6), transfer pages (7), GPA direct (9) or a completion (11).", kStops,
     kSkipped, kStops,
     "OpenVMM vmbus_ring: a corrupt ring ends the worker of the channel (InvalidDescriptorType)"},
    {Violation::kRingBadRangeCount, "ring_bad_range_count",
     "A GPA-direct packet names at least one range, and its ranges fit before its payload.", kStops,
     kSkipped, kStops,
     "OpenVMM vmbus_ring: a corrupt ring ends the worker of the channel "
     "(InvalidDescriptorGpaDirectRangeCount)"},
    {Violation::kRingBadFooter, "ring_bad_footer",
     "The footer of a packet repeats the ring offset at which the packet starts.", kStops, kCarried,
     kCarried, "the ring contract; OpenVMM, Linux and DPDK write it and do not look at it"},
    {Violation::kRingBadWriteIndex, "ring_bad_write_index",
     "The guest's write index is a multiple of 8 inside the data area.", kStops, kSkipped, kStops,
     "OpenVMM vmbus_ring: a corrupt ring ends the worker of the channel (InvalidRingPointer)"},
    {Violation::kRingBadReadIndex, "ring_bad_read_index",
     "The guest's read index is a multiple of 8 inside the data area, between what it has read and "
     "what the host has written.",
     kStops, kSkipped, kStops,
     "OpenVMM vmbus_ring: a corrupt ring ends the worker of the channel (InvalidRingPointer)"},
    {Violation::kInterruptMaskWritten, "interrupt_mask_written",
     "A guest never writes the interrupt mask of its own transmit ring: that word is the host's.",
     kCarried, kCarried, kStops, "OpenVMM vmbus_ring (InterruptsExternallyMasked)"},
    {Violation::kTransferPagesFromGuest, "transfer_pages_from_guest",
     "Only hosts send transfer pages.", kSkipped, kSkipped, kStops,
     "OpenVMM netvsp: unexpected packet"},
    {Violation::kMissingCompletionFlag, "missing_completion_flag",
     "A request that has an answer asks for a completion; so does every RNDIS packet.", kSkipped,
     kSkipped, kSkipped,
     "OpenVMM netvsp answers RNDIS packets under a stale id, others not at all"},
    {Violation::kBadCompletionId, "bad_completion_id",
     "A completion names the first piece of a packet that the guest still holds, once.", kSkipped,
     kSkipped, kStops, "OpenVMM netvsp/rx_bufs.rs: not lent, or not the first of its packet"},
    {Violation::kCompletionOnWrongChannel, "completion_on_wrong_channel",
     "A packet of frames is completed on the channel on which it came.", kCarried, kCarried,
     kCarried,
     "the VMBus contract; OpenVMM netvsp passes the piece on to the channel that lent it"},
    {Violation::kBadCompletion, "bad_completion",
     "The completion of a packet of frames is SEND_RNDIS_PACKET_COMPLETE with its status: 8 bytes.",
     kCarried, kCarried, kStops, "OpenVMM netvsp: a message too short or of another type"},
    {Violation::kNvspShortMessage, "nvsp_short_message",
     "An NVSP message has at least the bytes of its structure.", kFailure, kFailure, kStops,
     "OpenVMM netvsp: access error"},
    {Violation::kNvspUnknownType, "nvsp_unknown_type",
     "An NVSP message has a type that a guest may send in the version that was agreed on.",
     kSkipped, kSkipped, kStops, "OpenVMM netvsp: UnknownType; hyperv_net.h"},
    {Violation::kNvspWrongOrder, "nvsp_wrong_order",
     "The order is INIT; NDIS config and version and the buffers, config before the receive "
     "buffer; everything else.",
     kFailure, kFailure, kStops, "OpenVMM netvsp: states Version, Init, Ready"},
    {Violation::kNvspRepeated, "nvsp_repeated", "Each step of the handshake is made once.",
     kFailure, kFailure, kStops,
     "OpenVMM netvsp: a second INIT, config, version or buffer is unexpected"},
    {Violation::kNvspAfterRevoke, "nvsp_after_revoke",
     "After a buffer was revoked the guest sends nothing more that needs it.", kFailure, kFailure,
     kStops, "OpenVMM netvsp: a revoke ends the worker"},
    {Violation::kNvspUnknownGpadl, "nvsp_unknown_gpadl",
     "A buffer is named by the handle under which it was shared.", kFailure, kFailure, kStops,
     "OpenVMM netvsp gives the channel up; hosts since its change 2917 refuse"},
    {Violation::kNvspBufferTooSmall, "nvsp_buffer_too_small",
     "A receive buffer holds 16 control pieces and at least one frame, a send buffer at least one "
     "section.",
     kFailure, kFailure, kStops, "OpenVMM netvsp/buffers.rs"},
    {Violation::kNvspBadSubChannelRequest, "nvsp_bad_sub_channel_request",
     "A SUB_CHANNEL request allocates (operation 1), no more than the host grants.", kFailure,
     kFailure, kFailure, "OpenVMM netvsp: all or nothing, status FAILURE"},
    {Violation::kNvspOnSubChannel, "nvsp_on_sub_channel",
     "Sub-channels carry frames alone: all other requests belong on the primary channel.", kFailure,
     kFailure, kStops, "OpenVMM netvsp: unexpected on a sub-channel"},
    {Violation::kNoExternalData, "no_external_data",
     "An RNDIS packet names a section, or pages, or both.", kFailure, kFailure, kFailure,
     "OpenVMM netvsp: in-band packet without external data"},
    {Violation::kBadSectionIndex, "bad_section_index",
     "A section number is below the number of sections of the send buffer.", kFailure, kFailure,
     kStops, "OpenVMM netvsp: InvalidSendBufferIndex"},
    {Violation::kBadSectionLength, "bad_section_length",
     "What a section carries has 1 to 6144 bytes.", kFailure, kFailure, kStops,
     "OpenVMM netvsp: InvalidSendBufferIndex past the buffer; within it, it forgives"},
    {Violation::kSectionReused, "section_reused",
     "A section is left alone until the host completed the message that named it.", kFailure,
     kFailure, kFailure, "the NVSP contract; OpenVMM does not notice"},
    {Violation::kBadGpaList, "bad_gpa_list",
     "A range of pages has a length, an offset below 4096, a page number for each page it touches, "
     "and does not wrap.",
     kFailure, kFailure, kStops, "OpenVMM vmbus_ring/gparange.rs"},
    {Violation::kGpaOutsideMemory, "gpa_outside_memory",
     "Pages that the host is to read belong to the guest and can be read.", kFailure, kFailure,
     kFailure, "OpenVMM netvsp probes every page"},
    {Violation::kMessageTooLarge, "message_too_large", "One RNDIS packet carries at most 128 KiB.",
     kFailure, kFailure, kFailure, "this host's own limit, twice the largest segmentation request"},
    {Violation::kDataBeforeInitialize, "data_before_initialize",
     "Frames follow after INITIALIZE was answered.", kFailure, kFailure, kFailure, "MS-RNDIS 3.1"},
    {Violation::kRndisShort, "rndis_short",
     "What stands behind an RNDIS packet is at least one whole message header.", kFailure, kFailure,
     kFailure, "MS-RNDIS 2.2.14; OpenVMM netvsp/rndisprot"},
    {Violation::kRndisBadLength, "rndis_bad_length",
     "A message's length covers its header and ends inside the bytes that carry it.", kFailure,
     kFailure, kFailure, "MS-RNDIS 2.2.14; OpenVMM netvsp/rndisprot"},
    {Violation::kRndisBadData, "rndis_bad_data",
     "The frame lies inside its message and is not empty.", kFailure, kFailure, kFailure,
     "MS-RNDIS 2.2.14; OpenVMM netvsp/rndisprot; it checks against all bytes instead of the "
     "message"},
    {Violation::kRndisBadOob, "rndis_bad_oob",
     "Out-of-band offset, length and count and the virtual circuit are 0.", kFailure, kFailure,
     kFailure, "MS-RNDIS 2.2.14; OpenVMM netvsp/rndisprot"},
    {Violation::kRndisBadPpiArea, "rndis_bad_ppi_area",
     "The area of per-packet info lies inside its message and before the frame.", kFailure,
     kFailure, kFailure, "MS-RNDIS 2.2.14; OpenVMM netvsp/rndisprot"},
    {Violation::kRndisBadPpi, "rndis_bad_ppi",
     "A per-packet info has its 12-byte header and its value inside its area.", kFailure, kFailure,
     kFailure, "MS-RNDIS 2.2.14; OpenVMM netvsp/rndisprot"},
    {Violation::kRndisDuplicatePpi, "rndis_duplicate_ppi",
     "A message says each per-packet info once.", kFailure, kFailure, kFailure,
     "MS-RNDIS 2.2.14; OpenVMM takes the last one"},
    {Violation::kRndisHeaderAcrossRanges, "rndis_header_across_ranges",
     "Header and per-packet info of a message lie in one range of pages.", kFailure, kFailure,
     kFailure, "OpenVMM netvsp: they are mapped as one; its change 1590"},
    {Violation::kRndisNotAPacket, "rndis_not_a_packet",
     "What follows a frame in a message is another frame.", kFailure, kFailure, kFailure,
     "MS-RNDIS 2.2.14; OpenVMM netvsp/rndisprot"},
    {Violation::kTooManyPackets, "too_many_packets",
     "One RNDIS packet holds no more messages than INITIALIZE_COMPLETE allowed: 8.", kCarried,
     kCarried, kCarried,
     "MS-RNDIS 2.2.10; OpenVMM announces 8 and does not count. Above 128 this host refuses"},
    {Violation::kLsoNotOffered, "lso_not_offered",
     "Segmentation is asked for only where the host offered it.", kFailure, kFailure, kFailure,
     "NDIS offload contract; OpenVMM does it regardless"},
    {Violation::kBadLsoRequest, "bad_lso_request",
     "A large send is TCP over IPv4 or IPv6, its header lies where the request says, and its "
     "segment size is not 0.",
     kFailure, kFailure, kFailure, "OpenVMM netvsp: InvalidTcpHeaderOffset; NDIS offload contract"},
    {Violation::kLsoTooLarge, "lso_too_large",
     "A large send has no more payload than the offload capabilities announce: 62780 bytes.",
     kCarried, kCarried, kCarried, "NDIS_OFFLOAD; OpenVMM counts it and goes on"},
    {Violation::kBadChecksumRequest, "bad_checksum_request",
     "The transport header lies where the checksum request says, inside the frame, behind a "
     "14-byte Ethernet header.",
     kFailure, kFailure, kFailure, "OpenVMM netvsp: InvalidTcpHeaderOffset"},
    {Violation::kUndersizedFrame, "undersized_frame", "A frame has an Ethernet header.", kFailure,
     kFailure, kFailure, "IEEE 802.3"},
    {Violation::kOversizedFrame, "oversized_frame",
     "A frame is no longer than the MTU that the guest announced.", kFailure, kFailure, kFailure,
     "the guest's own SEND_NDIS_CONFIG"},
    {Violation::kControlUnknownType, "control_unknown_type",
     "Control messages of a guest are INITIALIZE, HALT, QUERY, SET and KEEPALIVE.", kFailure,
     kFailure, kStops, "OpenVMM netvsp: unimplemented types end the worker"},
    {Violation::kControlShort, "control_short",
     "A control message has at least the bytes of its structure.", kFailure, kFailure, kStops,
     "OpenVMM netvsp: access error"},
    {Violation::kControlBadLength, "control_bad_length",
     "The length of a control message is that of the bytes that carry it, or less.", kFailure,
     kFailure, kFailure, "MS-RNDIS 2.2.1"},
    {Violation::kControlBadInfo, "control_bad_info",
     "The information buffer lies inside its message, behind the request.", kFailure, kFailure,
     kFailure, "MS-RNDIS 2.2.10; OpenVMM takes what follows the request, whatever the offset says"},
    {Violation::kControlTooLarge, "control_too_large", "A control message has at most 4096 bytes.",
     kFailure, kFailure, kFailure, "this host's own limit; OpenVMM queues 100 KiB"},
    {Violation::kControlOnSubChannel, "control_on_sub_channel",
     "Control messages travel on the primary channel.", kFailure, kFailure, kFailure,
     "OpenVMM netvsp: status FAILURE"},
    {Violation::kControlRepeatedInitialize, "control_repeated_initialize",
     "INITIALIZE comes once for each time the channel is opened.", kFailure, kFailure, kStops,
     "OpenVMM netvsp: unexpected in state Ready"},
    {Violation::kOidShortBuffer, "oid_short_buffer",
     "The value of a SET is at least as long as its object.", kFailure, kFailure, kFailure,
     "OpenVMM netvsp: NDIS status FAILURE"},
    {Violation::kOidBadValue, "oid_bad_value",
     "The value of a SET is one that its object can have.", kFailure, kFailure, kFailure,
     "OpenVMM netvsp: NDIS status INVALID_DATA"},
}};

constexpr bool in_order() noexcept {
    for (std::size_t i = 0; i < kRules.size(); ++i) {
        if (static_cast<std::size_t>(kRules[i].violation) != i) {
            return false;
        }
    }
    return true;
}
static_assert(in_order(), "each violation has its rule, in the order of the enumerators");

}  // namespace

const ViolationRule& rule_of(Violation violation) noexcept {
    return kRules[static_cast<std::size_t>(violation)];
}

std::optional<Violation> violation_named(std::string_view name) noexcept {
    for (const ViolationRule& rule : kRules) {
        if (name == rule.name) {
            return rule.violation;
        }
    }
    return std::nullopt;
}

const char* to_string(Violation violation) noexcept {
    return rule_of(violation).name;
}

}  // namespace vmbus::host
