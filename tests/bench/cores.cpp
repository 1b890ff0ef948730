#include "cores.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <thread>

#include "base/shared.hpp"

namespace vmbus::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kBatches = 20;
constexpr unsigned kTripsOfBatch = 100;
constexpr std::chrono::milliseconds kWarmUp{50};

double ns_since(Clock::time_point start) {
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

const std::vector<int>& cpus() {
    static const std::vector<int> all = [] {
        cpu_set_t set;
        CPU_ZERO(&set);
        sched_getaffinity(0, sizeof set, &set);
        std::vector<int> found;
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(static_cast<unsigned>(cpu), &set)) found.push_back(cpu);
        }
        return found;
    }();
    return all;
}

void pin(std::thread& thread, unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(cpus()[cpu % cpus().size()]), &set);
    pthread_setaffinity_np(thread.native_handle(), sizeof set, &set);
}

/// A counter that only its own thread writes, on a line of its own.
struct alignas(64) Counter {
    std::atomic<std::uint64_t> packets{0};
};

void work(const Worker& worker, Counter& counter, const std::atomic<bool>& stop) {
    while (!stop.load(std::memory_order_relaxed)) {
        const std::uint64_t so_far = counter.packets.load(std::memory_order_relaxed);
        counter.packets.store(so_far + worker.step(), std::memory_order_relaxed);
    }
}

std::uint64_t counted(const std::vector<Worker>& workers, const Counter* counters) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < workers.size(); ++i) {
        if (workers[i].counts) sum += counters[i].packets.load(std::memory_order_relaxed);
    }
    return sum;
}

}  // namespace

unsigned usable_cpus() {
    return static_cast<unsigned>(cpus().size());
}

double line_round_trip_ns() {
    if (usable_cpus() < 2) {
        return 0;
    }
    alignas(64) std::atomic<unsigned> line{0};
    const auto answer = [&](unsigned turn) {
        while (line.load(std::memory_order_acquire) != turn) base::cpu_pause();
        line.store(turn + 1, std::memory_order_release);
    };
    double best = std::numeric_limits<double>::max();
    std::thread ping([&] {
        for (unsigned batch = 0; batch < kBatches; ++batch) {
            const auto start = Clock::now();
            for (unsigned trip = 0; trip < kTripsOfBatch; ++trip) {
                answer(2 * (batch * kTripsOfBatch + trip));
            }
            best = std::min(best, ns_since(start) / kTripsOfBatch);
        }
    });
    std::thread pong([&] {
        for (unsigned trip = 0; trip < kBatches * kTripsOfBatch; ++trip) answer(2 * trip + 1);
    });
    pin(ping, 0);
    pin(pong, 1);
    ping.join();
    pong.join();
    return best;
}

Rate run_together(const std::vector<Worker>& workers, std::chrono::milliseconds duration) {
    Rate rate;
    rate.round_trip_before_ns = line_round_trip_ns();
    const auto counters = std::make_unique<Counter[]>(workers.size());
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < workers.size(); ++i) {
        threads.emplace_back(work, std::cref(workers[i]), std::ref(counters[i]), std::cref(stop));
        pin(threads.back(), workers[i].cpu);
    }
    std::this_thread::sleep_for(kWarmUp);
    const std::uint64_t before = counted(workers, counters.get());
    const auto start = Clock::now();
    std::this_thread::sleep_for(duration);
    const std::uint64_t after = counted(workers, counters.get());
    rate.packets_per_second = static_cast<double>(after - before) * 1e9 / ns_since(start);
    stop.store(true, std::memory_order_relaxed);
    for (std::thread& thread : threads) {
        thread.join();
    }
    rate.round_trip_after_ns = line_round_trip_ns();
    return rate;
}

}  // namespace vmbus::bench
