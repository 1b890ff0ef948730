// netvsc-fwd: a forwarder on one screen, over the plain ethdev API of any DPDK driver.
// Ports are paired. Each burst received on a queue of one goes through the work of the mode
// (make_work.cpp) and out on a queue of the other (forward.cpp), by one lcore or several
// (lcores.cpp); statistics.cpp shows how it goes.
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include <cstdio>
#include <exception>

#include "lcores.hpp"
#include "options.hpp"
#include "ports.hpp"
#include "statistics.hpp"
#include "stop.hpp"

namespace {

using namespace netvsc_fwd;

/// What was expected and did not happen gets a line, and an exit status of its own.
int judge(const Expectation& expectation, const Outcome& outcome) {
    const auto missing = missed(expectation, outcome);
    if (missing) {
        std::fprintf(stderr, "netvsc-fwd: %s\n", missing->c_str());
    }
    return missing ? kExpectationMissed : 0;
}

int forward(const Options& options) {
    const Ports ports(options);
    Run run{
        .mode = facts_of(options.mode), .burst = options.burst, .budget = Budget(options.count)};
    if (!options.pcap_out.empty()) {
        run.capture = std::make_unique<Capture>(options.pcap_out);
    }
    Lcores lcores(ports, options, run);
    Statistics statistics(ports, lcores.forwarders(), options);
    const std::uint64_t duration_cycles = rte_get_timer_hz() * options.duration_s;
    lcores.run([&](std::uint64_t now_cycles) {
        statistics.turn(now_cycles);
        const bool over =
            duration_cycles != 0 && now_cycles - statistics.start_cycles() >= duration_cycles;
        if (over || run.budget.spent()) {
            ask_to_stop();
        }
    });
    statistics.finish();
    if (run.capture != nullptr) {
        run.capture->close();
    }
    return judge(options.expectation, statistics.outcome());
}

}  // namespace

int main(int argc, char** argv) {
    int status = 0;
    const auto options = parse_options(argc, argv, status);
    if (!options) {
        return status;
    }
    stop_on_signals();
    if (rte_eal_init(argc, argv) < 0) {
        std::fprintf(stderr, "netvsc-fwd: EAL cannot start: %s\n", rte_strerror(rte_errno));
        return 1;
    }
    try {
        status = forward(*options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "netvsc-fwd: %s\n", error.what());
        status = 1;
    }
    rte_eal_cleanup();
    return status;
}
