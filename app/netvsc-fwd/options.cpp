#include "options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
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

const std::map<std::string, Mode> kModes = {{"io", Mode::kIo},
                                            {"mac", Mode::kMac},
                                            {"macswap", Mode::kMacSwap},
                                            {"rxonly", Mode::kReceiveOnly}};

/// PORT,MAC, as dpdk-testpmd has it.
void add_peer(const std::string& text, Options& options) {
    const std::size_t comma = text.find(',');
    const char* const end = text.data() + std::min(comma, text.size());
    std::uint16_t port = 0;
    rte_ether_addr address{};
    const auto [rest, error] = std::from_chars(text.data(), end, port);
    if (comma == std::string::npos || error != std::errc() || rest != end ||
        rte_ether_unformat_addr(text.c_str() + comma + 1, &address) != 0) {
        throw CLI::ValidationError("--eth-peer", "PORT,MAC is wanted, not " + text);
    }
    options.peers[port] = address;
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int& status) {
    Options options;
    CLI::App app("Forwards packets between pairs of DPDK ports.", "netvsc-fwd EAL-ARGUMENTS --");
    app.add_option("--forward-mode", options.mode,
                   "io: pass packets on as they are; mac: with the addresses of this port and its "
                   "peer; macswap: with their addresses exchanged; rxonly: count and free them")
        ->transform(CLI::CheckedTransformer(kModes).description("MODE"))
        ->take_last();
    app.add_option_function<std::vector<std::string>>(
           "--eth-peer",
           [&options](const std::vector<std::string>& peers) {
               for (const std::string& peer : peers) {
                   add_peer(peer, options);
               }
           },
           "where packets that a port sends in mode mac go; default: 02:00:00:00:00:PORT")
        ->type_name("PORT,MAC");
    app.add_flag("--json", options.json, "statistics as JSON Lines: an object for each interval");
    app.add_option("--expect-min-pps", options.expectation.min_pps,
                   "exit with 4 unless so many packets/s were sent (rxonly: received)");
    app.add_flag("--expect-zero-loss", options.expectation.zero_loss,
                 "exit with 4 if a packet was lost, here or by a driver's own count");
    app.add_option("--stats-period", options.stats_period_s, "seconds between statistics")
        ->take_last();
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
