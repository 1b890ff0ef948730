// The subcommands that speak to a running host: attach, status, inject. Each returns the exit
// status of the program; what there is to say has been said.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace vmbus::host {

/// Runs a program on the running host: its exit status is the answer.
int attach(const std::string& socket, const std::vector<std::string>& command);

/// Prints what the host says of itself: JSON, or words.
int status(const std::string& socket, bool json);

struct Injection {
    std::string what;  ///< an action, the name of a fault, a file, or - for the standard input
    unsigned nic = 0;
    std::optional<unsigned> after;
    std::optional<unsigned> count;
    unsigned delay_ms = 500;
};
int inject(const std::string& socket, const Injection& injection);

}  // namespace vmbus::host
