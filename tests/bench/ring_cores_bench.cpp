// Several threads: one producer and one consumer on two CPUs; 2, 4 and 8 producers spread over two
// CPUs, and all on one, where each is preempted in the middle of its work. Producers without a
// consumer discard what is published when the ring is full, so that only they are measured.
// Each repetition runs for a time, not a number of packets, and says how far apart the CPUs were.
#include <benchmark/benchmark.h>

#include <atomic>
#include <memory>
#include <string>

#include "cores.hpp"
#include "dpdk_ring.hpp"
#include "ring_peers.hpp"

namespace vmbus::bench {
namespace {

std::chrono::milliseconds duration{200};

void report(benchmark::State& state, const Rate& rate) {
    state.counters["mpps"] = rate.packets_per_second / 1e6;
    state.counters["round_trip_before_ns"] = rate.round_trip_before_ns;
    state.counters["round_trip_after_ns"] = rate.round_trip_after_ns;
}

/// A producer for rings that nobody reads: whoever finds the ring full empties it.
template <class Ring>
Step producer(Ring& ring, std::atomic<bool>& discarding, unsigned burst) {
    return [&ring, &discarding, burst] {
        const unsigned n = ring.write(burst);
        if (n == 0 && !discarding.exchange(true, std::memory_order_acquire)) {
            ring.discard();
            discarding.store(false, std::memory_order_release);
        }
        return n;
    };
}

template <class Make>
void add_pair(unsigned burst, std::uint32_t payload, const std::string& peer, Make make) {
    const std::string name = std::string("ring/1p1c/") +
                             (burst == 1 ? "single" : "burst" + std::to_string(burst)) + "/" +
                             std::to_string(payload) + "/" + peer;
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        const auto ring = make(payload);
        for (auto _ : state) {
            report(state, run_together({{0, false, [&] { return ring->write(burst); }},
                                        {1, true, [&] { return ring->read(burst); }}},
                                       duration));
        }
    })->Iterations(1);
}

template <class Make>
void add_producers(unsigned count, unsigned cpus, unsigned burst, const std::string& peer,
                   Make make) {
    constexpr std::uint32_t kPayload = 40;
    const std::string name = (cpus == 1 ? "ring/overcommit" : "ring/producers") +
                             std::to_string(count) + "/" + std::to_string(kPayload) + "/" + peer +
                             (burst == 1 ? ":single" : ":burst" + std::to_string(burst));
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        const auto ring = make(kPayload);
        std::atomic<bool> discarding{false};
        std::vector<Worker> workers;
        for (unsigned i = 0; i < count; ++i) {
            workers.push_back({i % cpus, true, producer(*ring, discarding, burst)});
        }
        for (auto _ : state) {
            report(state, run_together(workers, duration));
        }
    })->Iterations(1);
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

void add_pairs() {
    for (const std::uint32_t payload : {8U, 40U, 128U, 1504U}) {
        for (const unsigned burst : {1U, 32U}) {
            add_pair(burst, payload, "ours:single", ours(ring::Publication::kSingle));
            add_pair(burst, payload, "upstream", upstream());
            add_pair(burst, payload, "memcpy", copy());
            add_pair(burst, payload, "rte_ring:sp_sc", dpdk(RING_F_SP_ENQ));
        }
    }
}

void add_crowds(unsigned cpus) {
    for (const unsigned count : {1U, 2U, 4U, 8U}) {
        for (const unsigned burst : {1U, 32U}) {
            if (count == 1 && cpus != 1) {
                continue;
            }
            add_producers(count, cpus, burst, "ours:ordered", ours(ring::Publication::kOrdered));
            add_producers(count, cpus, burst, "ours:relaxed", ours(ring::Publication::kRelaxed));
            add_producers(count, cpus, burst, "rte_ring:mp_sc", dpdk(0));
            add_producers(count, cpus, burst, "rte_ring:rts", dpdk(RING_F_MP_RTS_ENQ));
            if (burst == 1) {
                add_producers(count, cpus, burst, "upstream", upstream());
            }
        }
    }
}

}  // namespace
}  // namespace vmbus::bench

/// --duration-ms=N, before the options of Google Benchmark.
int main(int argc, char** argv) {
    using namespace vmbus::bench;
    benchmark::Initialize(&argc, argv);
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        if (option.starts_with("--duration-ms=")) {
            duration = std::chrono::milliseconds(std::stoi(option.substr(14)));
        }
    }
    if (usable_cpus() > 1) {
        add_pairs();
        add_crowds(2);
    }
    add_crowds(1);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
