// What a script may expect of a run (--expect-min-pps, --expect-zero-loss). Start-up and end only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace netvsc_fwd {

/// Of a run that did not do what was expected. Not 3: vmbus-host has that for its own verdict.
inline constexpr int kExpectationMissed = 4;

struct Expectation {
    std::uint64_t min_pps = 0;  ///< packets that reached the end of their way, all ports together
    bool zero_loss = false;
};

struct Outcome {
    std::uint64_t packets = 0;
    std::uint64_t lost = 0;  ///< by the program, or by a driver that counts them
    double seconds = 0;
};

/// What is missing, in words; nothing when all is as expected.
inline std::optional<std::string> missed(const Expectation& expected, const Outcome& outcome) {
    if (expected.zero_loss && outcome.lost != 0) {
        return "expected no loss, lost " + std::to_string(outcome.lost) + " packets";
    }
    const double wanted = static_cast<double>(expected.min_pps) * outcome.seconds;
    if (static_cast<double>(outcome.packets) < wanted) {
        return "expected " + std::to_string(expected.min_pps) + " packets/s, had " +
               std::to_string(outcome.packets) + " packets in " + std::to_string(outcome.seconds) +
               " s";
    }
    return std::nullopt;
}

}  // namespace netvsc_fwd
