// Forwarder: one direction, from a receive queue of one port to a transmit queue of another.
// Packets that the driver refuses are kept and offered again at each turn, and meanwhile nothing is
// received: the pressure goes back to the sender. Only after kPatienceMs without any progress are
// they dropped, and counted. One thread.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>

#include "mode.hpp"
#include "options.hpp"

namespace netvsc_fwd {

inline constexpr std::uint64_t kPatienceMs = 200;

struct ForwardCounters {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::uint64_t consumed = 0;  ///< by a mode that sends nothing on
    std::uint64_t dropped = 0;
};

struct Queue {
    std::uint16_t port = 0;
    std::uint16_t number = 0;
};

class Forwarder {
public:
    Forwarder(Queue from, Queue to, std::uint16_t burst, const Work& work)
        : from_(from), to_(to), burst_(burst), work_(work) {}

    /// One turn: a burst, or what is left of the last one.
    void turn(std::uint64_t now_cycles);
    /// Drops what is left.
    void finish();

    std::uint16_t from() const { return from_.port; }
    std::uint16_t to() const { return to_.port; }
    const ForwardCounters& counters() const { return counters_; }

private:
    void send(std::uint64_t now_cycles);

    Queue from_;
    Queue to_;
    std::uint16_t burst_;
    Work work_;
    std::uint16_t first_ = 0;  ///< packets_[first_, end_) wait to be sent
    std::uint16_t end_ = 0;
    std::uint64_t last_progress_ = 0;  ///< in cycles
    ForwardCounters counters_;
    std::array<rte_mbuf*, kMaxBurst> packets_{};
};

}  // namespace netvsc_fwd
