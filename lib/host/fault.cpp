#include "host/fault.hpp"

#include <algorithm>
#include <iterator>

namespace vmbus::host {
namespace {

using enum Occasion;

using Variants = std::array<const char*, 10>;

/// A guest that keeps the contract may lose something by it.
constexpr FaultKind harm(Fault fault, const char* name, Occasion occasion, const char* does,
                         std::uint32_t value = 0, const Variants& variants = {}) noexcept {
    return {fault, name, occasion, false, variants, value, does};
}
/// It loses nothing.
constexpr FaultKind calm(Fault fault, const char* name, Occasion occasion, const char* does,
                         std::uint32_t value = 0, const Variants& variants = {}) noexcept {
    return {fault, name, occasion, true, variants, value, does};
}

constexpr std::array<FaultKind, kFaults> kKinds = {
    calm(Fault::kLateCompletion, "late_completion", kCompletion,
         "holds a completion back for that many turns", 1000),
    harm(Fault::kLostCompletion, "lost_completion", kCompletion, "never sends a completion"),
    harm(Fault::kDuplicateCompletion, "duplicate_completion", kCompletion,
         "sends a completion twice"),
    harm(Fault::kForgedCompletion, "forged_completion", kCompletion,
         "sends another completion under an id that nobody gave out"),
    calm(Fault::kReorderedCompletion, "reordered_completion", kCompletion,
         "lets the next completion overtake this one"),
    harm(Fault::kShortCompletion, "short_completion", kCompletion,
         "cuts a completion to that many bytes", 4),
    harm(Fault::kWrongCompletion, "wrong_completion", kCompletion,
         "completes with an NVSP message of that type instead", 132),
    harm(Fault::kFailedCompletion, "failed_completion", kCompletion, "completes with that status",
         2),
    harm(Fault::kBadAnswer, "bad_answer", kCompletion,
         "writes the value at that offset of an NVSP answer"),
    harm(Fault::kBadLength, "bad_length", kRingPacket,
         "sends a packet whose lengths contradict each other or its index", 0,
         Variants{"beyond", "below_offset", "bad_offset", "onto_footer"}),
    harm(Fault::kBadFlags, "bad_flags", kRingPacket, "sends a packet with these flags as well",
         0xFFFE),
    harm(Fault::kUnknownPacketType, "unknown_packet_type", kRingPacket,
         "sends a packet of a type that hosts do not send", 0, Variants{"unknown", "gpa_direct"}),
    calm(Fault::kBadFooter, "bad_footer", kRingPacket,
         "sends a packet whose footer names another start"),
    harm(Fault::kBadIndex, "bad_index", kRingPacket, "announces a packet with a wrong index", 0,
         Variants{"outside", "unaligned", "backwards", "jump"}),
    harm(Fault::kBadReadIndex, "bad_read_index", kRequest,
         "writes a wrong read index for the guest's ring", 0,
         Variants{"outside", "unaligned", "ahead"}),
    calm(Fault::kForgedWord, "forged_word", kRequest,
         "writes the value into a word of the ring's page", 0xFFFFFFFF,
         Variants{"pending", "features", "mask"}),
    harm(Fault::kFlood, "flood", kRequest, "sends that many tiny packets at once", 2000),
    calm(Fault::kSpuriousInterrupt, "spurious_interrupt", kRequest, "interrupts without a reason"),
    harm(Fault::kBadTransfer, "bad_transfer", kTransfer, "sends frames in ranges that cannot be", 0,
         Variants{"pageset", "none", "many", "outside", "empty", "oversized", "overlap", "message",
                  "held"}),
    harm(Fault::kBadRndisLength, "bad_rndis_length", kFrame,
         "delivers a frame whose message is longer than its range"),
    harm(Fault::kBadPpi, "bad_ppi", kFrame, "delivers a frame with malformed per-packet info", 0,
         Variants{"size", "data_offset", "huge"}),
    harm(Fault::kBadFrame, "bad_frame", kFrame, "delivers a frame with a wrong field in its header",
         0,
         Variants{"data_offset", "data_length", "no_data", "oob", "ppi_offset", "ppi_length",
                  "type", "short"}),
    harm(Fault::kRewrittenFrame, "rewritten_frame", kFrame,
         "writes over a frame's header again and again after it was sent"),
    harm(Fault::kLostReply, "lost_reply", kReply, "never sends an RNDIS reply"),
    calm(Fault::kLateReply, "late_reply", kReply, "holds an RNDIS reply back for that many turns",
         1000),
    harm(Fault::kDuplicateReply, "duplicate_reply", kReply, "sends an RNDIS reply twice"),
    harm(Fault::kShortReply, "short_reply", kReply, "cuts an RNDIS reply to that many bytes", 12),
    harm(Fault::kWrongReplyId, "wrong_reply_id", kReply, "replies under that request id", 0xDEAD),
    harm(Fault::kBadReply, "bad_reply", kReply,
         "writes the value at that offset of an RNDIS reply"),
    harm(Fault::kBadStatus, "bad_status", kRequest,
         "indicates a status that is malformed or unknown", 0,
         Variants{"outside", "unknown", "short", "offload"}),
    calm(Fault::kLinkFlap, "link_flap", kRequest, "says that the link went down and up"),
    calm(Fault::kUnknownMessage, "unknown_message", kRequest,
         "sends an NVSP message of that type and wants a completion", 0x7777),
    harm(Fault::kShortMessage, "short_message", kRequest,
         "sends an NVSP message of that many bytes", 2),
    calm(Fault::kVfAssociation, "vf_association", kRequest,
         "speaks of a virtual function with that serial number", 77, Variants{"add", "remove"}),
    calm(Fault::kSwitchDataPath, "switch_data_path", kRequest,
         "switches the data path to this one"),
    calm(Fault::kIndirectionTable, "indirection_table", kRequest, "sends a send-indirection table",
         0, Variants{"good", "count", "offset", "entries", "short"}),
    calm(Fault::kPause, "pause", kRequest, "does nothing for that many milliseconds", 5),
    harm(Fault::kSilence, "silence", kRequest,
         "looks at nothing any more until the guest opens it again"),
    harm(Fault::kRescind, "rescind", kRequest, "takes the NIC away"),
    calm(Fault::kTouchAfterClose, "touch_after_close", kClose,
         "writes into rings and receive buffer after the guest closed"),
    harm(Fault::kHostRestart, "host_restart", kRequest,
         "takes all NICs away, and offers them again half a second later"),
    calm(Fault::kLateOffer, "late_offer", kOffer,
         "offers a sub-channel that many milliseconds later", 200),
    harm(Fault::kLostOffer, "lost_offer", kOffer,
         "offers neither this sub-channel nor those after it, or lets the guest's kernel fail to "
         "show its rings",
         0, Variants{"offer", "ring"}),
    calm(Fault::kDuplicateOffer, "duplicate_offer", kOffer,
         "offers a second sub-channel of the same index, which nobody serves"),
    harm(Fault::kWrongOffer, "wrong_offer", kOffer, "offers a sub-channel under that index", 63),
    harm(Fault::kRescindChannel, "rescind_channel", kRequest,
         "takes that sub-channel away alone, which the guest's kernel does not show"),
};

constexpr bool in_order() noexcept {
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if (static_cast<std::size_t>(kKinds[i].fault) != i) {
            return false;
        }
    }
    return true;
}
static_assert(in_order(), "each fault has its kind, in the order of the enumerators");

constexpr const char* kSubjects[] = {
    "any",          "data",       "control", "init", "receive_buffer", "send_buffer", "sub_channel",
    "oid_query_ex", "initialize", "query",   "set",  "keepalive",      "indication"};
static_assert(std::size(kSubjects) == static_cast<std::size_t>(Subject::kIndication) + 1);

}  // namespace

const FaultKind& kind_of(Fault fault) noexcept {
    return kKinds[static_cast<std::size_t>(fault)];
}

const char* to_string(Fault fault) noexcept {
    return kind_of(fault).name;
}

const char* to_string(Occasion occasion) noexcept {
    switch (occasion) {
        case kCompletion: return "completion";
        case kRingPacket: return "packet to the guest";
        case kTransfer: return "packet of frames";
        case kFrame: return "frame to the guest";
        case kReply: return "RNDIS reply";
        case kRequest: return "packet from the guest";
        case kClose: return "close";
        case kOffer: return "offer of a sub-channel";
    }
    return "unknown";
}

std::optional<Fault> fault_named(std::string_view name) noexcept {
    for (const FaultKind& kind : kKinds) {
        if (name == kind.name) {
            return kind.fault;
        }
    }
    return std::nullopt;
}

std::optional<Subject> subject_named(std::string_view name) noexcept {
    const auto* found = std::find(std::begin(kSubjects), std::end(kSubjects), name);
    return found == std::end(kSubjects)
               ? std::nullopt
               : std::optional(static_cast<Subject>(found - std::begin(kSubjects)));
}

}  // namespace vmbus::host
