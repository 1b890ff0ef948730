// RxQueue: frames from the host's ring straight into the caller's array. A burst owns the ring for
// its length, stops when the array is full, and goes on in the middle of a packet next time; what
// is done goes back to the host in one batch at its end. A frame for which there is no mbuf stays
// with the host: that is back-pressure, not loss.
// Owned by the port. burst(): one lcore at a time; the rest: control threads while stopped.
// Docs: docs/nics/netvsc.md, "Receive".
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>

#include "net/netvsc/control/session.hpp"
#include "net/netvsc/rx_decode.hpp"
#include "net/netvsc/stats.hpp"

namespace vmbus::netvsc {

struct RxOptions {
    bool vlan_strip = false;
    bool scatter = false;
    std::uint64_t checksum_flags = 0;  ///< mbuf flags of checksums that may be reported
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

    rte_mempool& pool() const noexcept { return pool_; }
    std::uint16_t ring_size() const noexcept { return ring_size_; }
    RxCounters& counters() noexcept { return counters_; }
    const RxCounters& counters() const noexcept { return counters_; }

private:
    static constexpr std::uint32_t kStash = 32;

    enum class Taken : std::uint8_t { kFrame, kNothing, kNoMbuf };
    Taken take_frame(rte_mbuf*& out) noexcept;
    void skip_message(base::Bytes range, codec::RndisPacketError error) noexcept;
    void message_done(std::uint32_t length) noexcept;
    rte_mbuf* fill(const DecodedFrame& frame, base::Bytes data, Taken& taken) noexcept;
    bool refuses(const DecodedFrame& frame, bool insert_tag) noexcept;
    bool copy_frame(rte_mbuf& head, base::Bytes data) noexcept;
    void describe(rte_mbuf& mbuf, const codec::PacketInfo& info) const noexcept;
    rte_mbuf* new_mbuf() noexcept;
    bool refill() noexcept;

    // Constant between start() and stop().
    Lane* lane_ = nullptr;
    RxOptions options_{};
    rte_mempool& pool_;
    std::uint32_t room_;  ///< of one mbuf
    std::uint16_t port_id_;
    std::uint16_t ring_size_;

    // The receiving lcore.
    std::uint32_t stashed_ = 0;
    std::array<rte_mbuf*, kStash> stash_{};
    RxCounters counters_;
};

}  // namespace vmbus::netvsc
