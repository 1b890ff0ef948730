// netvsc-fwd: a forwarder on one screen, over the plain ethdev API of any DPDK driver.
// Ports are paired, and each burst received on one is sent on the other, by the main lcore alone.
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <vector>

#include "forward.hpp"
#include "options.hpp"
#include "ports.hpp"
#include "statistics.hpp"

namespace {

volatile std::sig_atomic_t stop_asked = 0;

void ask_to_stop(int /*signal*/) {
    stop_asked = 1;
}

void run(const netvsc_fwd::Options& options) {
    const netvsc_fwd::Ports ports(options.burst);
    std::vector<netvsc_fwd::Forwarder> forwarders;
    for (std::size_t n = 0; n < ports.ids().size(); ++n) {
        forwarders.emplace_back(ports.ids()[n], ports.partner(n), options.burst);
    }
    const std::uint64_t start = rte_get_timer_cycles();
    const std::uint64_t period = rte_get_timer_hz() * options.stats_period_s;
    const std::uint64_t duration = rte_get_timer_hz() * options.duration_s;
    netvsc_fwd::Statistics statistics(ports.ids(), start);
    std::uint64_t shown = start;
    while (stop_asked == 0) {
        const std::uint64_t now = rte_get_timer_cycles();
        for (netvsc_fwd::Forwarder& forwarder : forwarders) {
            forwarder.turn(now);
        }
        if (period != 0 && now - shown >= period) {
            statistics.print(now);
            shown = now;
        }
        if (duration != 0 && now - start >= duration) {
            break;
        }
    }
    for (netvsc_fwd::Forwarder& forwarder : forwarders) {
        forwarder.finish();
    }
    netvsc_fwd::print_totals(forwarders);
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
        run(*options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "netvsc-fwd: %s\n", error.what());
        status = 1;
    }
    rte_eal_cleanup();
    return status;
}
