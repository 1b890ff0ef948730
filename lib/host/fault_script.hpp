// A fault script as people write it -> steps for each NIC. The text is JSON, described by
// docs/fault-script.schema.json:
//   {"seed": 7, "faults": [{"what": "lost_completion", "nic": 0, "after": 100, "count": 2},
//                          {"what": "random", "of": "harmless", "probability": 0.001}]}
// or only the list. Pure function. Docs: docs/emulator.md, "Faults".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/fault.hpp"

namespace vmbus::host {

/// One script for each of `nics`. On failure returns nothing and sets `why` to one line that names
/// the step and the key.
std::optional<std::vector<FaultScript>> parse_fault_plan(std::string_view text, std::size_t nics,
                                                         std::string& why);

/// The same for a single NIC.
std::optional<FaultScript> parse_fault_script(std::string_view text, std::string& why);

}  // namespace vmbus::host
