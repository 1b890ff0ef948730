#include "options.hpp"

#include <arpa/inet.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <numeric>

#include "blank_frames.hpp"
#include "latency.hpp"
#include "options/eal_arguments.hpp"

namespace netvsc_fwd {
namespace {

using Words = std::vector<std::string>;

std::map<std::string, Mode> modes_by_name() {
    std::map<std::string, Mode> modes;
    for (const ModeFacts& facts : kModes) {
        modes[facts.name] = facts.mode;
    }
    return modes;
}

/// Below the options in the help.
std::string footer() {
    std::string text = "Modes:\n";
    for (const ModeFacts& facts : kModes) {
        std::string name = facts.name;
        name.resize(10, ' ');
        text += "  " + name + facts.does + '\n';
    }
    return text +
           "\nExit status: 0; 1 when it cannot run; 2 for wrong options; 4 when an expectation was "
           "missed.";
}

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

std::uint32_t ip_of(const std::string& text) {
    in_addr address{};
    if (::inet_pton(AF_INET, text.c_str(), &address) != 1) {
        throw CLI::ValidationError("--tx-ip", text + " is not an IPv4 address");
    }
    return ntohl(address.s_addr);
}

void declare_traffic(CLI::App& app, Options& options) {
    app.add_option("--forward-mode", options.mode,
                   "what is done with packets, see below; default: io")
        ->transform(CLI::CheckedTransformer(modes_by_name()).description(""))
        ->type_name("MODE")
        ->take_last();
    app.add_option_function<Words>(
           "--eth-peer",
           [&options](const Words& peers) {
               for (const std::string& peer : peers) {
                   add_peer(peer, options);
               }
           },
           "where what a port sends goes, in modes mac, csum, and those that make packets; "
           "default: "
           "02:00:00:00:00:PORT")
        ->type_name("PORT,MAC");
    app.add_option("--txpkts", options.txpkts,
                   "bytes of each segment of the packets that are made, without FCS")
        ->delimiter(',')
        ->check(CLI::Range(1, int{kSegmentBytes}))
        ->capture_default_str();
    app.add_option_function<Words>(
           "--tx-ip",
           [&options](const Words& both) {
               options.flow.source_ip = ip_of(both[0]);
               options.flow.destination_ip = ip_of(both[1]);
           },
           "IPv4 addresses in the packets that are made; default: 198.18.0.1,198.18.0.2")
        ->delimiter(',')
        ->expected(2)
        ->type_name("SOURCE,DESTINATION");
    app.add_option_function<std::vector<std::uint16_t>>(
           "--tx-udp",
           [&options](const std::vector<std::uint16_t>& both) {
               options.flow.source_port = both.front();
               options.flow.destination_port = both.back();
           },
           "UDP ports in the packets that are made; default: 9,9")
        ->delimiter(',')
        ->expected(1, 2)
        ->type_name("SOURCE,DESTINATION");
    app.add_option("--flowgen-flows", options.flows, "that flowgen goes through")
        ->check(CLI::Range(1U, kMaxFlows))
        ->capture_default_str();
    app.add_option("--burst", options.burst, "most packets received or made at once")
        ->check(CLI::Range(1, int{kMaxBurst}))
        ->capture_default_str();
}

void declare_ports(CLI::App& app, Options& options) {
    const CLI::Range queues(1, 256);
    const CLI::Range descriptors(1, UINT16_MAX);
    app.add_option("--rxq", options.rxq, "receive queues of each port, by RSS")
        ->check(queues)
        ->capture_default_str();
    app.add_option("--txq", options.txq, "transmit queues of each port")
        ->check(queues)
        ->capture_default_str();
    app.add_option("--rxd", options.rxd, "descriptors of a receive queue")
        ->check(descriptors)
        ->capture_default_str();
    app.add_option("--txd", options.txd, "descriptors of a transmit queue")
        ->check(descriptors)
        ->capture_default_str();
    auto* const ip = app.add_flag_callback(
        "--rss-ip", [&options] { options.rss = RssTypes::kIp; }, "spread by IP addresses only");
    app.add_flag_callback(
           "--rss-udp", [&options] { options.rss = RssTypes::kUdp; },
           "spread by IP addresses, and UDP by its ports; default: TCP too")
        ->excludes(ip);
    app.add_option("--max-pkt-len", options.max_pkt_len,
                   "longest frame, with its FCS of 4 bytes; default: as the port has it")
        ->check(CLI::Range(64, UINT16_MAX));
    app.add_option("--nb-cores", options.nb_cores, "lcores that forward, the main one among them")
        ->check(CLI::Range(1, RTE_MAX_LCORE))
        ->capture_default_str();
}

void declare_run(CLI::App& app, Options& options) {
    app.add_option("--duration", options.duration_s, "seconds to run; default: until a signal")
        ->type_name("SECONDS");
    app.add_option("--count", options.count,
                   "packets to forward (or to make, where the mode makes them); default: until a "
                   "signal");
    app.add_option("--stats-period", options.stats_period_s,
                   "seconds between statistics, 0 for none before the end; default: none, with "
                   "--json and on a terminal 1")
        ->take_last()
        ->type_name("SECONDS");
    app.add_flag("--json", options.json, "statistics as JSON Lines: an object for each interval");
    app.add_option("--pcap-out", options.pcap_out,
                   "write what is sent (rxonly: received) to this pcap file")
        ->type_name("FILE");
    app.add_option("--expect-min-pps", options.expectation.min_pps,
                   "exit with 4 unless so many packets/s were sent (rxonly: received)");
    app.add_flag("--expect-zero-loss", options.expectation.zero_loss,
                 "exit with 4 if a packet was lost, here or by a driver's own count");
}

/// What no option sees alone.
void check_together(const Options& options) {
    const std::size_t headers = options.mode == Mode::kLatency ? kMarkedBytes : sizeof(UdpHeaders);
    if (options.txpkts.front() < headers) {
        throw CLI::ValidationError("--txpkts", "the first segment holds the headers: " +
                                                   std::to_string(headers) + " bytes");
    }
    const auto frame =
        std::accumulate(options.txpkts.begin(), options.txpkts.end(), std::uint32_t{0});
    if (frame > UINT16_MAX) {
        throw CLI::ValidationError("--txpkts", "a packet of " + std::to_string(frame) + " bytes");
    }
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int& status) {
    Options options;
    CLI::App app("Forwards packets between pairs of DPDK ports, or makes them, or answers them.",
                 "netvsc-fwd EAL-ARGUMENTS --");
    app.footer(footer());
    declare_traffic(app, options);
    declare_ports(app, options);
    declare_run(app, options);
    try {
        app.parse(options::own_arguments_reversed(argc, argv));
        check_together(options);
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
