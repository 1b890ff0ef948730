// The command line of vmbus-host: what it may say, and the one line about what is wrong with it.
#pragma once

#include <optional>
#include <string>

#include "host/machine.hpp"

namespace vmbus::host {

struct CommandLine {
    MachineOptions machine;
    std::string stats_json;  ///< file, or empty
    bool serve = false;      ///< without a guest of its own
    std::string socket{};    ///< of control; empty: none
};

/// Parses and checks everything that can be checked before the machine is made. On a mistake, or
/// when only help was wanted, returns nothing and sets `exit_status`; what there is to say has been
/// said.
std::optional<CommandLine> parse_command_line(int argc, char** argv, int& exit_status);

}  // namespace vmbus::host
