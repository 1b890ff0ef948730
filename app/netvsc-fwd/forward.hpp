// Forwarder: from a receive queue of one port, through the work of the mode, to a transmit queue of
// another one. Packets that the driver refuses are kept and offered again at each turn, and
// meanwhile none is taken up: the pressure goes back to the sender. Only after kPatienceMs without
// any progress are they dropped, and counted. One lcore; counters and report may be read by another
// one.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "budget.hpp"
#include "capture.hpp"
#include "counters.hpp"
#include "mode.hpp"
#include "options.hpp"
#include "queue.hpp"
#include "work.hpp"

namespace netvsc_fwd {

inline constexpr std::uint64_t kPatienceMs = 200;

/// `from`: none where the port has fewer receive than transmit queues.
struct Route {
    std::optional<Queue> from;
    Queue to;
};

/// What all forwarders of a run share.
struct Run {
    const ModeFacts& mode;
    std::uint16_t burst;
    Budget budget;
    std::unique_ptr<Capture> capture{};  ///< null: none
};

class Forwarder {
public:
    Forwarder(const Route& route, std::unique_ptr<Work> work, Run& run)
        : route_(route), work_(std::move(work)), run_(run) {}

    /// One turn: a burst, or what is left of the last one.
    void turn(std::uint64_t now_cycles);

    /// A turn at the end of the run: nothing new is taken up, only frames of our own are awaited.
    /// False when nothing is left to do.
    bool last_turn(std::uint64_t now_cycles);
    /// Drops what is left.
    void give_up();

    const Route& route() const { return route_; }
    ForwardCounters counters() const { return counters_.now(); }
    void report(WorkReport& sum) const { work_->report(sum); }

private:
    void receive(std::uint64_t now_cycles);
    void make(std::uint64_t now_cycles);
    void send(std::uint64_t now_cycles);

    const Route route_;
    const std::unique_ptr<Work> work_;
    Run& run_;
    std::uint16_t first_ = 0;  ///< packets_[first_, end_) wait to be sent
    std::uint16_t end_ = 0;
    std::uint64_t last_progress_ = 0;  ///< in cycles
    LiveCounters counters_;
    std::array<rte_mbuf*, kMaxBurst> packets_{};
};

}  // namespace netvsc_fwd
