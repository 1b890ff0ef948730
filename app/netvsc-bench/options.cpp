#include "options.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <vector>

#include "options/eal_arguments.hpp"
#include "sizes.hpp"

namespace netvsc_bench {
namespace {

const std::map<std::string, Mode> kModes = {{"tx", Mode::kTransmit},
                                            {"rx", Mode::kReceive},
                                            {"forward", Mode::kForward},
                                            {"latency", Mode::kLatency}};

void declare(CLI::App& app, Options& options) {
    app.add_option("--measure", options.mode, "tx, rx, forward, or latency (of a round trip)")
        ->required()
        ->transform(CLI::Transformer(kModes).description("MODE"));
    app.add_option("--size", options.size, "bytes of a frame without FCS, or imix")
        ->check(CLI::IsMember(std::vector<std::string>(kSizeNames.begin(), kSizeNames.end())))
        ->capture_default_str();
    app.add_option("--queues", options.queues, "receive and transmit queues")
        ->check(CLI::Range(1, int{kMaxQueues}))
        ->capture_default_str();
    app.add_option("--burst", options.burst, "packets in a burst")
        ->check(CLI::Range(1, int{kMaxBurst}))
        ->capture_default_str();
    app.add_option("--warm-up", options.warm_up_s, "seconds before it counts")
        ->capture_default_str();
    app.add_option("--seconds", options.seconds, "seconds to count")
        ->check(CLI::Range(0.01, 3600.0))
        ->capture_default_str();
    app.add_option("--steps", options.steps,
                   "in lockstep with the host (vmbus-host run --lockstep), so many steps");
    app.add_option("--bursts-per-step", options.bursts_per_step, "of each queue, with --steps")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    app.add_option("--json", options.json, "where the result goes; default: standard output");
}

}  // namespace

const char* to_string(Mode mode) {
    switch (mode) {
        case Mode::kTransmit: return "tx";
        case Mode::kReceive: return "rx";
        case Mode::kForward: return "forward";
        case Mode::kLatency: return "latency";
    }
    return "?";
}

std::optional<Options> parse_options(int argc, char** argv, int& status) {
    Options options;
    CLI::App app("Measures all DPDK ports there are, with one traffic pattern.",
                 "netvsc-bench EAL-ARGUMENTS --");
    app.footer("Two drivers side by side: netvsc-bench compare --help");
    declare(app, options);
    try {
        app.parse(options::own_arguments_reversed(argc, argv));
    } catch (const CLI::CallForHelp& help) {
        status = app.exit(help);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "netvsc-bench: %s (try: netvsc-bench -- --help)\n", error.what());
        status = 2;
        return std::nullopt;
    }
    return options;
}

}  // namespace netvsc_bench
