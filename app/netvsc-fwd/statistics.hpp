// What the program prints while it runs and at the end, in the words and columns of dpdk-testpmd:
// scripts that read those read these; or as JSON Lines. One thread.
#pragma once

#include <rte_ethdev.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "expectation.hpp"
#include "forward.hpp"

namespace netvsc_fwd {

class Statistics {
public:
    Statistics(std::span<const std::uint16_t> ports, std::uint64_t now_cycles, bool json);

    /// Counters and rates since the last call, per port.
    void print(std::uint64_t now_cycles);

private:
    struct Last {
        std::uint16_t port;
        rte_eth_stats counters;
    };
    static void print_port(const Last& last, const rte_eth_stats& now, double seconds);

    std::vector<Last> last_;
    static nlohmann::json port_json(const Last& last, const rte_eth_stats& now, double seconds);

    std::uint64_t last_cycles_;
    bool json_;
};

/// What each port received, and what it sent and failed to send.
void print_totals(std::span<const std::uint16_t> ports, std::span<const Forwarder> forwarders,
                  bool json);

/// Of a run: packets sent, or received where nothing is to be sent; and all losses that anybody
/// counted.
Outcome outcome_of(std::span<const std::uint16_t> ports, std::span<const Forwarder> forwarders,
                   double seconds);

}  // namespace netvsc_fwd
