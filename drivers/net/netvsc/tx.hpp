// TxQueue: mbufs to the host. A burst is encoded into messages (several small packets copied into
// one section, large ones left in their pages), room for all messages is taken at once, and they
// are published at once; the host is signalled at most once. A packet is either the host's or still
// the caller's: what did not get room is as if it had never been looked at.
// Nothing is allocated, locked or waited for. Owned by the port. burst(): one lcore at a time; the
// rest: control threads while stopped. Docs: docs/nics/netvsc.md, "Transmit".
#pragma once

#include <rte_mbuf.h>

#include <cstdint>

#include "net/netvsc/control/session.hpp"
#include "net/netvsc/frame_counts.hpp"
#include "net/netvsc/stats.hpp"
#include "net/netvsc/tx_encode.hpp"
#include "net/netvsc/tx_prepare.hpp"
#include "net/netvsc/vf_gate.hpp"

namespace vmbus::netvsc {

struct TxOptions {
    std::uint32_t copybreak = 0;                    ///< packets up to this are copied
    std::uint32_t max_shared_packets = UINT32_MAX;  ///< that share a section
    std::uint32_t max_shared_bytes = UINT32_MAX;
    bool addresses_known = false;  ///< the host can be told where a packet's pages are
    bool single_producer = false;  ///< sending needs the ring owner's flag
    bool count_frames = false;     ///< by size and kind of address
    TxAbilities can{};             ///< what packets may ask for
};

class TxQueue {
public:
    /// Packets that are encoded before the first of them is sent.
    static constexpr std::uint16_t kMaxBatch = 32;

    explicit TxQueue(std::uint16_t ring_size) noexcept : ring_size_(ring_size) {}
    TxQueue(const TxQueue&) = delete;
    TxQueue& operator=(const TxQueue&) = delete;

    /// On the session's line for this queue.
    void start(Session& session, const TxOptions& options, std::uint16_t queue = 0) noexcept;
    void stop() noexcept { line_ = nullptr; }

    std::uint16_t burst(rte_mbuf** packets, std::uint16_t count) noexcept;
    /// tx_prepare: how many of the packets burst() will send as their flags say, up to the first
    /// that it will not, with the reason in rte_errno. Fills in pseudo-header sums.
    std::uint16_t prepare(rte_mbuf** packets, std::uint16_t count) const noexcept;
    /// The state of the `offset`th descriptor, counted from the place of the next message, as
    /// ethdev names them, or -EINVAL. The transmitting lcore.
    int descriptor_status(std::uint16_t offset) noexcept;
    /// Takes up to so many completions, and frees what the host is done with; returns how many
    /// mbufs that were: those of copied packets were free when they were sent.
    std::uint32_t reap(std::uint32_t most = UINT32_MAX) noexcept;
    /// tx_done_cleanup: the same, with those that lie in the ring. 0 means all. The transmitting
    /// lcore.
    std::uint32_t clean_up(std::uint32_t most) noexcept;

    /// Those of the last start().
    const TxOptions& options() const noexcept { return options_; }
    std::uint16_t ring_size() const noexcept { return ring_size_; }
    bool running() const noexcept { return line_ != nullptr; }
    VfGate vf;  ///< of Vf
    /// nullptr while stopped.
    Lane* lane() const noexcept { return line_ == nullptr ? nullptr : line_->lane; }
    bool deferred = false;  ///< not started with the port; the port's
    std::uint32_t outstanding() const noexcept { return line_->slots.outstanding(); }
    TxCounters& counters() noexcept { return counters_; }
    const TxCounters& counters() const noexcept { return counters_; }
    FrameCounts frames;  ///< of the transmitting lcore

private:
    class Batch;

    bool may_send() noexcept;
    std::uint16_t send(rte_mbuf** packets, std::uint16_t count, bool& signal) noexcept;
    void make_room(std::uint16_t count) noexcept;
    bool slots_low(std::uint32_t wanted) const noexcept;

    // Constant between start() and stop().
    TxLine* line_ = nullptr;
    TxOptions options_{};
    SectionLimits limits_{};
    std::uint32_t usual_bytes_ = 0;  ///< up to here a packet of which nothing is said is copied
    std::uint16_t ring_size_;

    // The transmitting lcore.
    std::size_t fetched_bytes_ = 0;  ///< of each section at most, before it is written
    TxCounters counters_;
};

/// The longest frame that a section holds, whatever is said about it.
constexpr std::uint32_t max_copied_frame(std::uint32_t section_bytes) noexcept {
    return section_bytes > codec::kMaxPacketHeadBytes ? section_bytes - codec::kMaxPacketHeadBytes
                                                      : 0;
}

}  // namespace vmbus::netvsc
