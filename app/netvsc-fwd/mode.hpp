// The modes, by the names that dpdk-testpmd has for them, and what each does in a word. What it
// does in code: make_work.cpp. Constants.
#pragma once

#include <array>
#include <cstdint>

namespace netvsc_fwd {

enum class Mode : std::uint8_t {
    kIo,
    kMac,
    kMacSwap,
    kReceiveOnly,
    kTransmitOnly,
    kFlowGenerator,
    kIcmpEcho,
    kChecksum,
    kLatency,
};

struct ModeFacts {
    const char* name;
    Mode mode;
    const char* does;
    bool receives = true;
    bool makes = false;    ///< packets of its own; nothing that arrives is sent on
    bool sends = true;     ///< false: everything ends here
    bool answers = false;  ///< sends on the port that it received on
};

inline constexpr std::array kModes = {
    ModeFacts{"io", Mode::kIo, "pass packets on as they are"},
    ModeFacts{"mac", Mode::kMac, "from the address of the port to that of its peer"},
    ModeFacts{"macswap", Mode::kMacSwap, "with their two addresses exchanged"},
    ModeFacts{"rxonly", Mode::kReceiveOnly, "count and free them", true, false, false},
    ModeFacts{"txonly", Mode::kTransmitOnly, "send UDP packets of one flow", false, true},
    ModeFacts{"flowgen", Mode::kFlowGenerator, "send UDP packets of many flows, free what arrives",
              true, true},
    ModeFacts{"icmpecho", Mode::kIcmpEcho, "answer ARP requests and pings, free the rest", true,
              false, true, true},
    ModeFacts{"csum", Mode::kChecksum,
              "as mac, with checksums computed anew, by the port if it can"},
    ModeFacts{"latency", Mode::kLatency,
              "send frames with the time in them, measure those that arrive", true, true},
};

constexpr const ModeFacts& facts_of(Mode mode) {
    return kModes[static_cast<std::size_t>(mode)];
}

static_assert(
    [] {
        for (const ModeFacts& facts : kModes) {
            if (&facts_of(facts.mode) != &facts) {
                return false;
            }
        }
        return true;
    }(),
    "the table is in the order of the enumeration");

}  // namespace netvsc_fwd
