// Every counter of the driver and its name, in one table. Names are made of letters, digits and
// underscores only, because telemetry splits at anything else.
// Receive and ring counters are written by the ring owner, transmit counters by the transmit
// thread; read by control threads. No DPDK in here.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "net/netvsc/counter.hpp"

namespace vmbus::netvsc {

/// What a receive queue does with frames. Those after kBytes are drops or refusals, by reason, in
/// the order of codec::RndisPacketError where they come from there.
enum class RxCount : std::uint8_t {
    kPackets,
    kBytes,
    kShort,
    kNotAPacket,
    kBadLength,
    kBadData,
    kBadOob,
    kBadPpiArea,
    kBadPpi,
    kDuplicatePpi,
    kTooLong,      ///< more than the mbuf takes, and no scatter
    kBadVlan,      ///< too short to put its tag back
    kBadFragment,  ///< of a coalesced packet that has no beginning or no end, or was not asked for
    kNoMbuf,       ///< the pool was empty; the frame stays with the host
    kLent,         ///< frames received without a copy
    kChannelLost,  ///< bursts in vain: a process died in one on this channel
    kCount,
};

/// What a transmit queue does. Packets count when the host's ring has them.
enum class TxCount : std::uint8_t {
    kPackets,
    kBytes,
    kCopied,       ///< packets copied into send-buffer sections
    kDirect,       ///< packets sent from their own pages
    kMessages,     ///< ring packets; several packets may share one
    kHostFailed,   ///< completed by the host with a failure
    kBadId,        ///< completions that match nothing outstanding
    kEmpty,        ///< dropped: a packet without data
    kTooLong,      ///< dropped: fits neither a section nor a list of pages
    kRingFull,     ///< refused for now: no room in the ring
    kNoSlot,       ///< refused for now: too many outstanding
    kOwnerBusy,    ///< refused for now: single-producer mode and the ring is taken
    kChannelLost,  ///< bursts in vain: a process died in one on this channel
    kCount,
};

/// What the reader of the host's ring sees besides frames. The first ones are those of
/// ring::PacketError, in its order.
enum class RingCount : std::uint8_t {
    kShortData,
    kBadLengths,
    kBadFlags,
    kBadType,
    kBadRangeCount,
    kBadFooter,
    kBadIndex,
    kGpaDirect,           ///< a packet type that a host never sends
    kTransferBadMessage,  ///< transfer pages without an RNDIS message
    kTransferBadBuffer,   ///< of a buffer that is not the receive buffer
    kTransferBadCount,    ///< no range, or more than any host sends
    kTransferBadRange,    ///< a range outside the buffer or larger than a piece
    kTransferIdHeld,      ///< under an id that was not given back yet
    kCompletionBadId,
    kCompletionOverflow,  ///< more than were ever outstanding
    kControlBad,          ///< a control message that is malformed
    kControlUnexpected,   ///< a reply nobody waits for
    kInBandUnknown,
    kVfAssociation,
    kIndirectionTable,
    kAckDeferred,  ///< no room in the ring: given back later
    kUnclaimed,    ///< dropped: pieces with frames that no running receive queue takes
    kIndirectionTableBad,
    kVfAssociationBad,
    kPathTaken,      ///< the host moved the data path to the synthetic side
    kPathSwitchBad,  ///< or somewhere else, which is not for it to do
    kStatusUnknown,  ///< a status indication that means nothing to us
    // These two are written by the interrupt thread.
    kStalls,        ///< how often the host stopped reading
    kGivenUp,       ///< how often it did so here alone, which counted as the channel's end
    kBadReadIndex,  ///< of our ring; written once, by the thread that met it first
    kCount,
};

using RxCounters = Counters<RxCount>;
using TxCounters = Counters<TxCount>;
using RingCounters = Counters<RingCount>;

extern const std::array<const char*, RxCounters::kSize> kRxNames;
extern const std::array<const char*, TxCounters::kSize> kTxNames;
extern const std::array<const char*, RingCounters::kSize> kRingNames;

/// For what is not of a queue.
inline constexpr unsigned kNoQueue = ~0U;

/// "rx_q3_bad_ppi": what xstats call it, always terminated. Returns false when it was cut.
bool format_name(std::span<char> out, const char* direction, unsigned queue,
                 const char* name) noexcept;

/// Frames dropped because of what they contain, and packets that will never be sent.
std::uint64_t errors_of(const RxCounters& counters) noexcept;
std::uint64_t errors_of(const TxCounters& counters) noexcept;

}  // namespace vmbus::netvsc
