// Latency: one frame at a time goes out and is awaited, so what is measured is the way there and
// back with nothing else in the way: driver, signal, host, and the same again. The other side must
// send frames back (port=loop). One thread.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>

#include "measure/histogram.hpp"
#include "options.hpp"
#include "port.hpp"

namespace netvsc_bench {

class RoundTrips {
public:
    RoundTrips(const Port& port, const Options& options);

    /// Sends a frame and waits for it. False when it has not come back in time.
    bool one();

    const measure::Histogram& cycles() const { return cycles_; }
    std::uint64_t lost() const { return lost_; }
    void reset();

private:
    bool send(std::uint64_t deadline);
    bool await(std::uint64_t deadline);
    bool carries_number(const rte_mbuf& packet) const;

    const Port& port_;
    std::uint16_t size_;
    std::uint64_t number_ = 0;
    std::uint64_t lost_ = 0;
    measure::Histogram cycles_;
};

}  // namespace netvsc_bench
