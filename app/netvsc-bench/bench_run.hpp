// One run of one case with one driver: vmbus-host with its NIC, netvsc-bench on it as the guest;
// what the guest measured and what the host counted, together.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace netvsc_bench {

using Json = nlohmann::ordered_json;

enum class Driver : std::uint8_t { kOurs, kDistribution };
inline constexpr Driver kDrivers[] = {Driver::kOurs, Driver::kDistribution};
const char* to_string(Driver driver);

/// Where things are, and who runs on which CPU.
struct Workshop {
    std::string folder;  ///< for logs and results
    std::string host;    ///< vmbus-host
    std::string plugin;  ///< our driver
    std::string self;    ///< netvsc-bench
    unsigned host_cpu = 0;
    unsigned driver_cpu = 1;
    std::chrono::seconds deadline{60};  ///< of one run
};

/// What is measured. `callgrind`: count instructions instead of time.
struct Case {
    std::string measure;  ///< tx, rx, forward, latency
    std::string size = "64";
    std::uint16_t queues = 1;
    std::uint64_t rate = 0;  ///< packets/s that the host offers; 0: as many as it can
    double seconds = 0.3;
    unsigned steps = 0;  ///< not 0: in lockstep
    unsigned bursts_per_step = 8;
    bool host_sleeps = false;  ///< between steps: it asks for signals
    bool callgrind = false;
};

/// Runs it. Nothing when the run failed or took too long; its log is then in the folder.
std::optional<Json> run(const Workshop& workshop, const Case& what, Driver driver);

}  // namespace netvsc_bench
