// netvsc-fwd: a forwarder on one screen, over the plain ethdev API of any DPDK driver.
// Ports are paired, and each burst received on a queue of one is sent on a queue of the other, by
// the main lcore, or by several.
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "forward.hpp"
#include "options.hpp"
#include "ports.hpp"
#include "statistics.hpp"

namespace {

std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void ask_to_stop(int /*signal*/) {
    // relaxed: it announces nothing but itself.
    stop_asked.store(true, std::memory_order_relaxed);
}

bool may_go_on() {
    // relaxed: it announces nothing but itself.
    return !stop_asked.load(std::memory_order_relaxed);
}

using Forwarders = std::vector<netvsc_fwd::Forwarder>;

/// No driver locks a transmit queue: all that send on one are the same lcore's.
std::vector<Forwarders> share_out(const netvsc_fwd::Ports& ports,
                                  const netvsc_fwd::Options& options) {
    std::vector<Forwarders> shares(options.nb_cores);
    for (std::size_t n = 0; n < ports.ids().size(); ++n) {
        for (std::uint16_t rx = 0; rx < options.rxq; ++rx) {
            const auto tx = static_cast<std::uint16_t>(rx % options.txq);
            shares[tx % options.nb_cores].emplace_back(netvsc_fwd::Queue{ports.ids()[n], rx},
                                                       netvsc_fwd::Queue{ports.partner(n), tx},
                                                       options.burst, ports.work(n));
        }
    }
    return shares;
}

/// A worker lcore, until the end.
int forward(void* share) {
    auto& forwarders = *static_cast<Forwarders*>(share);
    while (may_go_on()) {
        const std::uint64_t now = rte_get_timer_cycles();
        for (netvsc_fwd::Forwarder& forwarder : forwarders) {
            forwarder.turn(now);
        }
    }
    return 0;
}

/// Starts all shares but the first, which is the main lcore's.
void launch(std::vector<Forwarders>& shares) {
    unsigned lcore = rte_get_next_lcore(UINT32_MAX, 1, 0);
    for (std::size_t i = 1; i < shares.size(); ++i) {
        rte_eal_remote_launch(forward, &shares[i], lcore);
        lcore = rte_get_next_lcore(lcore, 1, 0);
    }
}

/// The main lcore: its share, statistics, and the end of time.
void forward_and_show(Forwarders& forwarders, const netvsc_fwd::Ports& ports,
                      const netvsc_fwd::Options& options) {
    const std::uint64_t start = rte_get_timer_cycles();
    const std::uint64_t period = rte_get_timer_hz() * options.stats_period_s;
    const std::uint64_t duration = rte_get_timer_hz() * options.duration_s;
    netvsc_fwd::Statistics statistics(ports.ids(), start, options.json);
    std::uint64_t shown = start;
    while (may_go_on()) {
        const std::uint64_t now = rte_get_timer_cycles();
        for (netvsc_fwd::Forwarder& forwarder : forwarders) {
            forwarder.turn(now);
        }
        if (period != 0 && now - shown >= period) {
            statistics.print(now);
            shown = now;
        }
        if (duration != 0 && now - start >= duration) {
            ask_to_stop(0);
        }
    }
}

/// What was expected and did not happen gets a line, and an exit status of its own.
int judge(const netvsc_fwd::Options& options, const netvsc_fwd::Outcome& outcome) {
    const auto missing = netvsc_fwd::missed(options.expectation, outcome);
    if (missing) {
        std::fprintf(stderr, "netvsc-fwd: %s\n", missing->c_str());
    }
    return missing ? netvsc_fwd::kExpectationMissed : 0;
}

int run(const netvsc_fwd::Options& options) {
    if (options.nb_cores > rte_lcore_count()) {
        throw std::runtime_error("--nb-cores: EAL has " + std::to_string(rte_lcore_count()) +
                                 " lcores");
    }
    const netvsc_fwd::Ports ports(options);
    auto shares = share_out(ports, options);
    const std::uint64_t start = rte_get_timer_cycles();
    launch(shares);
    forward_and_show(shares[0], ports, options);
    rte_eal_mp_wait_lcore();
    Forwarders all;
    for (Forwarders& share : shares) {
        all.insert(all.end(), share.begin(), share.end());
    }
    for (netvsc_fwd::Forwarder& forwarder : all) {
        forwarder.finish();
    }
    netvsc_fwd::print_totals(ports.ids(), all, options.json);
    const auto cycles = static_cast<double>(rte_get_timer_cycles() - start);
    const double seconds = cycles / static_cast<double>(rte_get_timer_hz());
    return judge(options, netvsc_fwd::outcome_of(ports.ids(), all, seconds));
}

}  // namespace

int main(int argc, char** argv) {
    int status = 0;
    const auto options = netvsc_fwd::parse_options(argc, argv, status);
    if (!options) {
        return status;
    }
    std::signal(SIGINT, ask_to_stop);
    std::signal(SIGTERM, ask_to_stop);
    if (rte_eal_init(argc, argv) < 0) {
        std::fprintf(stderr, "netvsc-fwd: EAL cannot start: %s\n", rte_strerror(rte_errno));
        return 1;
    }
    try {
        status = run(*options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "netvsc-fwd: %s\n", error.what());
        status = 1;
    }
    rte_eal_cleanup();
    return status;
}
