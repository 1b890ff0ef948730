// The command line of one measurement: `netvsc-bench EAL-ARGUMENTS -- --measure MODE ...`.
// EAL reads the first half, CLI11 the other. Start-up only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace netvsc_bench {

enum class Mode : std::uint8_t { kTransmit, kReceive, kForward, kLatency };
const char* to_string(Mode mode);

struct Options {
    Mode mode = Mode::kTransmit;
    std::string size = "64";
    std::uint16_t queues = 1;
    std::uint16_t burst = 32;
    double warm_up_s = 0.2;
    double seconds = 1;
    std::uint64_t steps = 0;  ///< not 0: in lockstep with the host, so many steps
    std::uint16_t bursts_per_step = 8;
    std::string json;  ///< file for the line; empty: standard output
};

inline constexpr std::uint16_t kMaxBurst = 256;
inline constexpr std::uint16_t kMaxQueues = 64;

/// Parses what follows "--". Otherwise the exit status is in `status`, and one line has been
/// printed: 2 when the options are wrong, 0 after --help.
std::optional<Options> parse_options(int argc, char** argv, int& status);

}  // namespace netvsc_bench
