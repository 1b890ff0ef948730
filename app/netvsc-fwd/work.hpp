// Work: what a mode does with bursts, at one receive and one transmit queue. Called by the lcore
// that has the two; only report() may be called by another one meanwhile.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <optional>
#include <span>

#include "measure/histogram.hpp"

namespace netvsc_fwd {

/// What some modes find out, beside numbers of packets.
struct WorkReport {
    std::uint64_t bad_ip_checksums = 0;  ///< as the port that received them says
    std::uint64_t bad_l4_checksums = 0;
    std::optional<measure::Histogram> round_trip_cycles;

    void add_round_trips(const measure::Histogram& cycles) {
        round_trip_cycles = round_trip_cycles.value_or(measure::Histogram());
        *round_trip_cycles += cycles;
    }
};

class Work {
public:
    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    virtual ~Work() = default;

    /// Of packets that arrived: puts those to be sent in front, frees the others, and returns how
    /// many are to be sent.
    virtual std::uint16_t arrived(std::span<rte_mbuf*> packets) = 0;

    /// New packets to be sent; returns how many there are, at most as many as there is room for.
    virtual std::uint16_t make(std::span<rte_mbuf*> /*room*/) { return 0; }

    virtual void report(WorkReport& /*sum*/) const {}
};

}  // namespace netvsc_fwd
