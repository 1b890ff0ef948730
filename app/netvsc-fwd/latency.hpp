// Mode latency: frames that carry the time of sending, one at a time at a steady pace, and what the
// time is when they arrive, at whichever port of the program. So few of them measure the way and
// not a queue. A frame that a driver refuses for now keeps its time: waiting counts.
#pragma once

#include <cstddef>

#include "blank_frames.hpp"
#include "udp_frame.hpp"
#include "work.hpp"

namespace netvsc_fwd {

inline constexpr std::uint64_t kFramesPerSecond = 10'000;

/// Behind the headers of a frame, in the byte order of the machine.
struct TimeMark {
    std::uint64_t run = 0;  ///< tells our frames from anybody else's
    std::uint64_t sent_cycles = 0;
};
inline constexpr std::size_t kMarkedBytes = sizeof(UdpHeaders) + sizeof(TimeMark);

class Latency final : public Work {
public:
    /// `run` is the same at all queues. Requires: the first segment of `frames` is long enough.
    Latency(BlankFrames frames, const UdpFlow& flow, std::uint64_t run)
        : frames_(std::move(frames)), flow_(flow), run_(run) {}

    /// Measures and frees them.
    std::uint16_t arrived(std::span<rte_mbuf*> packets) override;
    /// One, when it is time.
    std::uint16_t make(std::span<rte_mbuf*> room) override;
    void report(WorkReport& sum) const override { sum.add_round_trips(cycles_); }

private:
    BlankFrames frames_;
    const UdpFlow flow_;
    const std::uint64_t run_;
    std::uint64_t next_cycles_ = 0;
    measure::Histogram cycles_;
};

}  // namespace netvsc_fwd
