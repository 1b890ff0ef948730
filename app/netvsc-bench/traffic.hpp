// Traffic: what one lcore does with one queue of the port: transmit, receive, or forward (what came
// in on a queue goes out on the same one). Packets that the driver refuses are offered again; none
// is dropped by the program. One turn is one burst each way, through functions that are never
// inlined, so that callgrind can count what is in them and nothing else.
// One thread.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>

#include "options.hpp"
#include "port.hpp"
#include "sizes.hpp"

namespace netvsc_bench {

struct TrafficCounters {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t calls = 0;        ///< of a burst function
    std::uint64_t idle_calls = 0;   ///< that moved nothing
    std::uint64_t busy_cycles = 0;  ///< inside the others
};

class Traffic {
public:
    Traffic(const Port& port, std::uint16_t queue, const Options& options)
        : port_(port.id()),
          queue_(queue),
          burst_(options.burst),
          mode_(options.mode),
          sizes_(Sizes::named(options.size)),
          pool_(port.pool()) {}

    void turn();
    /// Frees what was not sent.
    void finish();

    const TrafficCounters& counters() const { return counters_; }
    void reset() { counters_ = {}; }

private:
    void transmit();
    void receive();
    void forward();
    bool make_packets();
    std::uint16_t take();
    void send();

    std::uint16_t port_;
    std::uint16_t queue_;
    std::uint16_t burst_;
    Mode mode_;
    Sizes sizes_;
    rte_mempool& pool_;

    std::uint64_t made_ = 0;
    std::uint16_t first_ = 0;  ///< packets_[first_, end_) wait to be sent
    std::uint16_t end_ = 0;
    TrafficCounters counters_;
    std::array<rte_mbuf*, kMaxBurst> packets_{};
};

}  // namespace netvsc_bench
