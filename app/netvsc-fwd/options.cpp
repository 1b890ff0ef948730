#include "options.hpp"

#include <rte_config.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstring>
#include <vector>

namespace netvsc_fwd {

namespace {

/// In the order that CLI11 wants: last first.
std::vector<std::string> own_arguments(int argc, char** argv) {
    int separator = 0;
    while (separator < argc && std::strcmp(argv[separator], "--") != 0) {
        ++separator;
    }
    std::vector<std::string> reversed;
    for (int i = argc - 1; i > separator; --i) {
        reversed.emplace_back(argv[i]);
    }
    return reversed;
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int& status) {
    Options options;
    std::string mode = "io";
    CLI::App app("Forwards packets between pairs of DPDK ports.", "netvsc-fwd EAL-ARGUMENTS --");
    app.add_option("--forward-mode", mode, "what to do with packets: pass them on as they are")
        ->check(CLI::IsMember({"io"}));
    app.add_option("--stats-period", options.stats_period_s, "seconds between statistics");
    app.add_option("--duration", options.duration_s, "seconds to run; default: until a signal");
    app.add_option("--burst", options.burst, "most packets received at once")
        ->check(CLI::Range(1, int{kMaxBurst}))
        ->capture_default_str();
    const CLI::Range queues(1, 256);
    const CLI::Range descriptors(1, UINT16_MAX);
    app.add_option("--rxq", options.rxq, "receive queues of each port, by RSS")->check(queues);
    app.add_option("--txq", options.txq, "transmit queues of each port")->check(queues);
    app.add_option("--rxd", options.rxd, "descriptors of a receive queue")->check(descriptors);
    app.add_option("--txd", options.txd, "descriptors of a transmit queue")->check(descriptors);
    app.add_option("--nb-cores", options.nb_cores, "lcores that forward, the main one among them")
        ->check(CLI::Range(1, RTE_MAX_LCORE));
    try {
        app.parse(own_arguments(argc, argv));
    } catch (const CLI::CallForHelp& help) {
        status = app.exit(help);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "netvsc-fwd: %s (try: netvsc-fwd -- --help)\n", error.what());
        status = 2;
        return std::nullopt;
    }
    return options;
}

}  // namespace netvsc_fwd
