// LanSpec: what else is plugged into a lan beside NICs: `--lan name=NAME,port=PORT,...`. Parsing is
// pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/port_spec.hpp"

namespace vmbus::host {

struct LanSpec {
    std::string name;
    std::vector<PortSpec> ports;  ///< tap, gen, or pcap that only writes
};

/// On failure returns nothing and one line in `why`.
std::optional<LanSpec> parse_lan_spec(std::string_view text, std::string& why);

}  // namespace vmbus::host
