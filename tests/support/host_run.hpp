// `vmbus-host run` as a test uses it: NICs, a guest program, and the statistics it leaves behind.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace vmbus::test {

struct HostRun {
    std::vector<std::string> nics;
    std::vector<std::string> guest;
    bool strict = true;
    std::string stats{};                 ///< file for --stats-json
    std::vector<std::string> options{};  ///< further options of vmbus-host

    std::vector<std::string> command() const;
};

/// Paths of what the build made.
std::string host_program();
std::string plugin();
std::string forwarder_program();
std::string sleeper_program();  ///< tests/guest
std::string sharer_program();

/// The stock testpmd, forwarding, on our driver. `eal` replaces the one-CPU, no-hugepage default.
std::vector<std::string> testpmd(const std::vector<std::string>& options = {},
                                 std::vector<std::string> eal = {});
/// netvsc-fwd; with our driver, or with the distribution's.
enum class Driver { kOurs, kDistribution };
std::vector<std::string> forwarder(Driver driver, const std::vector<std::string>& options = {});
/// netvsc-bench, one measurement.
std::vector<std::string> bench_program(Driver driver, const std::vector<std::string>& options);

/// The file that --stats-json wrote; an empty object when there is none.
nlohmann::json read_json(const std::string& path);
/// Sum of the violations of all NICs.
std::uint64_t violations(const nlohmann::json& stats);

}  // namespace vmbus::test
