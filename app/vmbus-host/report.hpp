// What vmbus-host says of a run: live lines, the JSON at the end, the last words.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/machine.hpp"

namespace vmbus::host {

/// One line per NIC with rates since the last call.
class LiveReport {
public:
    void print(const Machine& machine);

private:
    std::vector<NicCounters> before_;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// Says which NICs the emulated kernel refused to bind, and why; to standard error.
void print_unbound(const Machine& machine, const KernelProfile& kernel);

/// What `vmbus-host status` tells: the statistics, and where each NIC stands.
nlohmann::ordered_json status_of(const Machine& machine);

/// Writes the statistics of all NICs. False when the file cannot be written.
bool write_stats(const Machine& machine, const std::string& file);

/// How the run ended, each rule that was broken with its first bytes, and what ports complain of;
/// to standard error.
void print_end(Machine& machine, const RunResult& result);

}  // namespace vmbus::host
