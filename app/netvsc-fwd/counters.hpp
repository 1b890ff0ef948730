// What a forwarder did with packets: a value to add up, and the counters behind it, which one lcore
// counts and any thread may read.
#pragma once

#include <cstdint>

#include "measure/count.hpp"

namespace netvsc_fwd {

struct ForwardCounters {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::uint64_t consumed = 0;  ///< received, and nothing sent for it
    std::uint64_t dropped = 0;

    ForwardCounters& operator+=(const ForwardCounters& other) {
        received += other.received;
        sent += other.sent;
        consumed += other.consumed;
        dropped += other.dropped;
        return *this;
    }
};

struct LiveCounters {
    measure::Count received;
    measure::Count sent;
    measure::Count consumed;
    measure::Count dropped;

    ForwardCounters now() const {
        return {.received = received.value(),
                .sent = sent.value(),
                .consumed = consumed.value(),
                .dropped = dropped.value()};
    }
};

}  // namespace netvsc_fwd
