// What a guest did that the protocol forbids: a name for each rule, how often it was broken, and
// the bytes that broke it first. The host records; whether the channel goes on depends on the
// host's temper, and whether the run ends (`--strict`) on who reads the log.
// Owned by the NIC, host thread only. The rules in words: violation_rules.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "base/bytes.hpp"
#include "codec/rndis_codec.hpp"
#include "codec/rndis_packet.hpp"
#include "host/temper.hpp"
#include "ring/packet_view.hpp"

namespace vmbus::host {

enum class Violation : std::uint8_t {
    // The ring. What is corrupt stops the channel until the guest opens it again.
    kRingShortData,
    kRingBadLengths,
    kRingBadFlags,
    kRingBadType,
    kRingBadRangeCount,
    kRingBadFooter,
    kRingBadWriteIndex,
    kRingBadReadIndex,
    kInterruptMaskWritten,      ///< the mask of the guest's own transmit ring is the host's
    kTransferPagesFromGuest,    ///< only hosts send them
    kMissingCompletionFlag,     ///< the request has an answer, and the guest asked for none
    kBadCompletionId,           ///< never given out, given back before, or not a packet's first
    kCompletionOnWrongChannel,  ///< not the one on which the packet came
    kBadCompletion,             ///< too short, or not an answer to an RNDIS packet
    // NVSP.
    kNvspShortMessage,
    kNvspUnknownType,  ///< or one of a version that was not agreed on
    kNvspWrongOrder,
    kNvspRepeated,
    kNvspAfterRevoke,
    kNvspUnknownGpadl,
    kNvspBufferTooSmall,
    kNvspBadSubChannelRequest,
    kNvspOnSubChannel,  ///< it belongs on the primary channel
    // The bytes behind an RNDIS packet.
    kNoExternalData,
    kBadSectionIndex,
    kBadSectionLength,
    kSectionReused,  ///< before the host completed it
    kBadGpaList,
    kGpaOutsideMemory,
    kMessageTooLarge,
    // RNDIS data.
    kDataBeforeInitialize,
    kRndisShort,
    kRndisBadLength,
    kRndisBadData,
    kRndisBadOob,
    kRndisBadPpiArea,
    kRndisBadPpi,
    kRndisDuplicatePpi,
    kRndisHeaderAcrossRanges,
    kRndisNotAPacket,  ///< in a message that began with packets
    kTooManyPackets,   ///< more in one message than INITIALIZE_COMPLETE allowed
    kLsoNotOffered,
    kBadLsoRequest,
    kLsoTooLarge,  ///< more at once than was announced
    kBadChecksumRequest,
    kUndersizedFrame,
    kOversizedFrame,
    // RNDIS control.
    kControlUnknownType,
    kControlShort,
    kControlBadLength,
    kControlBadInfo,
    kControlTooLarge,
    kControlOnSubChannel,
    kControlRepeatedInitialize,
    kOidShortBuffer,
    kOidBadValue,
};
inline constexpr std::size_t kViolations = static_cast<std::size_t>(Violation::kOidBadValue) + 1;

/// As in violation_rules.hpp.
const char* to_string(Violation violation) noexcept;

/// Requires: not kNone.
Violation violation_of(ring::PacketError error) noexcept;
Violation violation_of(codec::RndisPacketError error) noexcept;
Violation violation_of(codec::RndisError error) noexcept;

class ViolationLog {
public:
    static constexpr std::size_t kBytesKept = 64;

    void set_temper(Temper temper) noexcept { temper_ = temper; }
    Temper temper() const noexcept { return temper_; }

    /// `offending` is kept, cut to kBytesKept, when it is the first of its kind.
    void record(Violation violation, base::Bytes offending = {}) noexcept;

    std::uint64_t count(Violation violation) const noexcept { return entry(violation).count; }
    /// The bytes that broke the rule first; empty when nobody broke it, or there are none to show.
    base::Bytes first_bytes(Violation violation) const noexcept {
        return base::Bytes(entry(violation).bytes).first(entry(violation).kept);
    }
    std::uint64_t total() const noexcept { return total_; }
    /// Since the last call a rule was broken for which this temper gives the channel up. To be
    /// asked by the channel that was being served.
    bool take_stop() noexcept { return std::exchange(stop_due_, false); }

private:
    struct Entry {
        std::uint64_t count = 0;
        std::size_t kept = 0;
        std::array<std::byte, kBytesKept> bytes{};
    };
    const Entry& entry(Violation violation) const noexcept {
        return entries_[static_cast<std::size_t>(violation)];
    }

    std::array<Entry, kViolations> entries_{};
    std::uint64_t total_ = 0;
    Temper temper_ = Temper::kStrict;
    bool stop_due_ = false;
};

}  // namespace vmbus::host
