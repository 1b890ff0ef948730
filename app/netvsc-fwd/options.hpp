// The command line: `netvsc-fwd EAL-ARGUMENTS -- OPTIONS`. EAL reads the first half, CLI11 the
// other. Start-up only.
#pragma once

#include <rte_config.h>
#include <rte_ether.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "expectation.hpp"
#include "mode.hpp"
#include "udp_frame.hpp"

namespace netvsc_fwd {

enum class RssTypes : std::uint8_t { kAll, kIp, kUdp };

struct Options {
    Mode mode = Mode::kIo;
    std::map<std::uint16_t, rte_ether_addr> peers;  ///< by port, where the command line names them
    bool json = false;
    Expectation expectation;
    std::optional<unsigned> stats_period_s;  ///< 0: only at the end
    unsigned duration_s = 0;                 ///< 0: until a signal
    std::uint64_t count = 0;                 ///< 0: until a signal
    std::uint16_t burst = 32;
    std::uint16_t rxq = 1;  ///< queues of each port
    std::uint16_t txq = 1;
    std::uint16_t rxd = 512;  ///< descriptors of each queue
    std::uint16_t txd = 512;
    unsigned nb_cores = 1;  ///< that forward, the main lcore among them
    RssTypes rss = RssTypes::kAll;
    std::uint32_t max_pkt_len = 0;             ///< with FCS; 0: as the port has it
    std::vector<std::uint16_t> txpkts = {64};  ///< segments of frames that are made
    UdpFlow flow;                              ///< of frames that are made; MAC addresses unused
    unsigned flows = 1024;                     ///< of flowgen
    std::string pcap_out;                      ///< file; empty: none
};

inline constexpr std::uint16_t kMaxBurst = 512;
inline constexpr unsigned kMaxFlows = 65536;

/// Parses what follows "--". Otherwise the exit status is in `status`, and one line has been
/// printed: 2 when the options are wrong, 0 after --help.
std::optional<Options> parse_options(int argc, char** argv, int& status);

}  // namespace netvsc_fwd
