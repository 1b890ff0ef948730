// One thread: what a packet costs to write and to read, by size and burst, for our ring, the
// distribution's, rte_ring and a plain copy. A lap fills (or drains) a ring of 2 MiB once; only
// that is timed. tools/bench runs the repetitions of all of them interleaved.
#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <string>

#include "dpdk_ring.hpp"
#include "ring_peers.hpp"

namespace vmbus::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class Ring>
std::uint64_t fill(Ring& ring, unsigned burst) {
    std::uint64_t packets = 0;
    while (const unsigned n = ring.write(burst)) {
        packets += n;
    }
    return packets;
}

template <class Ring>
std::uint64_t drain(Ring& ring, unsigned burst) {
    std::uint64_t packets = 0;
    while (const unsigned n = ring.read(burst)) {
        packets += n;
    }
    return packets;
}

/// Adds up what the laps of one repetition took.
class Laps {
public:
    explicit Laps(benchmark::State& state) : state_(state) {}

    template <class Lap>
    void time(Lap lap) {
        const auto start = Clock::now();
        packets_ += lap();
        const double seconds = seconds_since(start);
        state_.SetIterationTime(seconds);
        seconds_ += seconds;
    }
    ~Laps() { state_.counters["ns"] = seconds_ * 1e9 / static_cast<double>(packets_); }

private:
    benchmark::State& state_;
    double seconds_ = 0;
    std::uint64_t packets_ = 0;
};

template <class Ring>
void write_laps(benchmark::State& state, Ring& ring, unsigned burst) {
    Laps laps(state);
    for (auto _ : state) {
        ring.discard();
        laps.time([&] { return fill(ring, burst); });
    }
}

template <class Ring>
void read_laps(benchmark::State& state, Ring& ring, unsigned burst) {
    Laps laps(state);
    for (auto _ : state) {
        fill(ring, kMaxBurst);
        laps.time([&] { return drain(ring, burst); });
    }
}

std::string burst_name(unsigned burst) {
    return burst == 1 ? "single" : "burst" + std::to_string(burst);
}

enum class Side { kWrite, kRead };

/// The ring is made when the measurement runs: dozens of them would not fit the cache beside it.
template <class Make>
void add(Side side, unsigned burst, std::uint32_t payload, const std::string& peer, Make make) {
    const std::string name = std::string(side == Side::kWrite ? "ring/write/" : "ring/read/") +
                             burst_name(burst) + "/" + std::to_string(payload) + "/" + peer;
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        const auto ring = make(payload);
        (side == Side::kWrite) ? write_laps(state, *ring, burst) : read_laps(state, *ring, burst);
    })->UseManualTime();
}

auto ours(ring::Publication mode) {
    return [mode](std::uint32_t payload) { return std::make_unique<OurRing>(payload, mode); };
}
auto upstream() {
    return [](std::uint32_t payload) { return std::make_unique<UpstreamRing>(payload); };
}
auto copy() {
    return [](std::uint32_t payload) { return std::make_unique<CopyRing>(payload); };
}
auto dpdk(unsigned flags) {
    return [flags](std::uint32_t payload) { return std::make_unique<DpdkRing>(payload, flags); };
}

void add_peers(Side side, unsigned burst, std::uint32_t payload) {
    add(side, burst, payload, "ours:single", ours(ring::Publication::kSingle));
    add(side, burst, payload, "upstream", upstream());
    add(side, burst, payload, "memcpy", copy());
    if (burst != 8) {
        add(side, burst, payload, "rte_ring:sp_sc", dpdk(RING_F_SP_ENQ));
    }
}

/// What the protection against other producers costs when there are none.
void add_many_producer_modes(unsigned burst, std::uint32_t payload) {
    add(Side::kWrite, burst, payload, "ours:ordered", ours(ring::Publication::kOrdered));
    add(Side::kWrite, burst, payload, "ours:relaxed", ours(ring::Publication::kRelaxed));
    add(Side::kWrite, burst, payload, "rte_ring:mp_sc", dpdk(0));
    add(Side::kWrite, burst, payload, "rte_ring:rts", dpdk(RING_F_MP_RTS_ENQ));
}

void add_all() {
    for (const std::uint32_t payload : {8U, 40U, 128U, 1504U}) {
        for (const unsigned burst : {1U, 8U, 32U}) {
            add_peers(Side::kWrite, burst, payload);
        }
        for (const unsigned burst : {1U, 32U}) {
            add_peers(Side::kRead, burst, payload);
        }
    }
    for (const unsigned burst : {1U, 32U}) {
        add_many_producer_modes(burst, 40);
    }
}

}  // namespace
}  // namespace vmbus::bench

int main(int argc, char** argv) {
    vmbus::bench::add_all();
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
