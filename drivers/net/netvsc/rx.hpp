// RxQueue: frames from the host's ring straight into the caller's array. A burst owns the ring for
// its length, stops when the array is full, and goes on in the middle of a packet next time; what
// is done goes back to the host in one batch at its end. A frame for which there is no mbuf stays
// with the host: that is back-pressure, not loss.
// An lcore may sleep until there is something (rx_sleep.cpp).
// Owned by the port. burst(), enable_interrupt(), disable_interrupt(): one lcore at a time;
// change(): control threads, also while it runs; answer_interrupt(): the interrupt thread between
// start() and stop(); the rest: control threads while stopped. Docs: docs/nics/netvsc.md,
// "Receive".
#pragma once

#include <rte_mbuf.h>

#include <cstdint>

#include "net/netvsc/control/session.hpp"
#include "net/netvsc/frame_counts.hpp"
#include "net/netvsc/packet_type.hpp"
#include "net/netvsc/rx_bell.hpp"
#include "net/netvsc/rx_decode.hpp"
#include "net/netvsc/rx_lend.hpp"
#include "net/netvsc/rx_stash.hpp"
#include "net/netvsc/stats.hpp"
#include "net/netvsc/vf_gate.hpp"

namespace vmbus::netvsc {

struct RxOptions {
    bool vlan_strip = false;
    bool scatter = false;
    bool coalesced = false;            ///< packets that the host put together (RSC) are welcome
    bool rss_hash = false;             ///< the host's hash is reported
    std::uint64_t checksum_flags = 0;  ///< mbuf flags of checksums that may be reported
    PacketTypes packet_types = PacketTypes::kEtherType;
    std::uint32_t ack_batch = 1;               ///< packets that are given back at once
    std::uint64_t ack_cycles = 0;              ///< after so many without a frame, all are
    std::uint32_t lend_above = kNeverLend;     ///< larger frames are not copied
    bool count_frames = false;                 ///< by size and kind of address
    const LentAddresses* addresses = nullptr;  ///< required to lend; outlives the queue's run
};

/// What may change while a queue runs, in one word.
struct RxSettings {
    bool vlan_strip = false;
    PacketTypes packet_types = PacketTypes::kNone;

    constexpr std::uint32_t packed() const noexcept {
        return (vlan_strip ? 1U : 0U) | static_cast<std::uint32_t>(packet_types) << 1;
    }
    static constexpr RxSettings of(std::uint32_t word) noexcept {
        return {(word & 1U) != 0, static_cast<PacketTypes>(word >> 1)};
    }
};

class RxQueue {
public:
    RxQueue(rte_mempool& pool, std::uint16_t port_id, std::uint16_t ring_size) noexcept;
    RxQueue(const RxQueue&) = delete;
    RxQueue& operator=(const RxQueue&) = delete;
    ~RxQueue() { stop(); }

    /// Requires: lane < session.lanes().
    void start(Session& session, const RxOptions& options, std::uint16_t lane = 0) noexcept;
    void stop() noexcept;

    std::uint16_t burst(rte_mbuf** packets, std::uint16_t count) noexcept;
    /// A process died in a burst: which mbufs are the queue's is not known any more, and they are
    /// lost. Returns how many that are, as far as can be told. Requires: nobody bursts.
    std::uint32_t forget_mbufs() noexcept;
    /// From the next burst on.
    void change(const RxSettings& settings) noexcept {
        // relaxed: a setting, announces nothing.
        settings_word_.store_relaxed(settings.packed());
    }

    /// Frames' pieces that wait for burst(), at most the size of the ring; none while somebody else
    /// reads the ring. The receiving lcore.
    std::uint32_t waiting() noexcept;
    /// The state of the `offset`th descriptor to come, as ethdev names them, or -EINVAL.
    int descriptor_status(std::uint16_t offset) noexcept;

    /// From now on the bell rings when there is something for burst(), now or later; a ring for
    /// nothing is possible. 0, or -ENODEV when nothing will ever come: then the bell has rung.
    int enable_interrupt() noexcept;
    void disable_interrupt() noexcept;
    /// The device had an interrupt: rings the bell if it was for this queue.
    void answer_interrupt() noexcept;

    /// Those of the last start().
    const RxOptions& options() const noexcept { return options_; }
    /// nullptr while stopped, and without a channel.
    Lane* lane() const noexcept { return lane_; }
    rte_mempool& pool() const noexcept { return stash_.pool(); }
    std::uint16_t ring_size() const noexcept { return ring_size_; }
    std::uint16_t port_id() const noexcept { return mbuf_start_.port; }
    VfGate vf;              ///< of Vf
    RxBell bell;            ///< opened by RxInterrupts
    bool deferred = false;  ///< not started with the port; the port's
    RxCounters& counters() noexcept { return counters_; }
    const RxCounters& counters() const noexcept { return counters_; }
    FrameCounts frames;  ///< of the receiving lcore

private:
    /// Messages of one packet that hosts put together (Linux hv_netvsc).
    static constexpr unsigned kMaxFragments = wire::kMaxTransferRanges;

    enum class Taken : std::uint8_t { kFrame, kNothing, kNoMbuf };
    /// A packet of which more messages are to come.
    struct Chain {
        rte_mbuf* head = nullptr;
        rte_mbuf* tail = nullptr;
        codec::PacketInfo info{};
        unsigned fragments = 0;
    };

    Inbound& inbound() noexcept { return lane_->inbound(); }
    bool may_sleep() noexcept;
    std::uint32_t least_acks(bool quiet) noexcept;
    std::uint16_t take_usual(rte_mbuf** packets, std::uint16_t count,
                             std::uint64_t& bytes) noexcept;
    Taken take_frame(rte_mbuf*& out) noexcept;
    Taken take_whole(const DecodedFrame& frame, base::Bytes data, rte_mbuf*& out) noexcept;
    bool lend_frame(const DecodedFrame& frame, rte_mbuf*& out) noexcept;
    Loan* loan() noexcept;
    Taken take_fragment(const DecodedFrame& frame, base::Bytes data, rte_mbuf*& out) noexcept;
    Taken refuse(RxCount reason) noexcept;
    void drop_chain() noexcept;
    bool continues(bool first, std::size_t bytes) const noexcept;
    bool ends_packet(const DecodedFrame& frame) noexcept;
    void skip_message(base::Bytes range, codec::RndisPacketError error) noexcept;
    void message_done(std::uint32_t length) noexcept;
    bool keeps_tag(const codec::PacketInfo& info) const noexcept;
    rte_mbuf* start_frame(const codec::PacketInfo& info, base::Bytes& data) noexcept;
    rte_mbuf* append(rte_mbuf& head, rte_mbuf& tail, base::Bytes data) noexcept;
    void describe(rte_mbuf& mbuf, const codec::PacketInfo& info) const noexcept;
    std::uint32_t mbufs_for(std::size_t bytes) const noexcept;

    // Constant between start() and stop().
    Lane* lane_ = nullptr;
    std::uint32_t mtu_ = 0;
    RxOptions options_{};
    std::uint32_t room_;              ///< of one mbuf
    std::uint32_t usual_;             ///< longest frame that is copied into one mbuf
    std::uint32_t most_waiting_ = 0;  ///< pieces of the receive buffer, for packets to give back
    MbufStart mbuf_start_;
    std::uint16_t ring_size_;

    // Control threads write.
    base::Shared<std::uint32_t> settings_word_{0};

    // The receiving lcore.
    RxSettings settings_{};          ///< as they were when the burst began
    std::uint64_t quiet_since_ = 0;  ///< the first burst without a frame; 0: none yet
    Chain chain_;
    MbufStash stash_;
    RxCounters counters_;
};

}  // namespace vmbus::netvsc
