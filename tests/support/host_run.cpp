#include "support/host_run.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace vmbus::test {
namespace {

const char* const kBuild = BUILD_ROOT;

void append(std::vector<std::string>& to, const std::vector<std::string>& what) {
    to.insert(to.end(), what.begin(), what.end());
}

/// Main and forwarding lcore on CPU 0, so that on two CPUs the other one is the host's.
std::vector<std::string> small_eal() {
    return {"--lcores", "0@0,1@0", "--no-huge", "-m", "512"};
}

/// EAL's runtime folder of this test program alone, whatever else runs on the machine.
std::string file_prefix() {
    static const std::string prefix = "vmbus-test-" + std::to_string(::getpid());
    static const int registered = std::atexit([] {
        std::error_code ignored;
        std::filesystem::remove_all("/var/run/dpdk/" + prefix, ignored);
    });
    return registered == 0 ? "--file-prefix=" + prefix : "";
}

}  // namespace

std::string host_program() {
    return std::string(kBuild) + "/app/vmbus-host";
}
std::string plugin() {
    return std::string(kBuild) + "/drivers/librte_net_netvsc_uio.so";
}
std::string forwarder_program() {
    return std::string(kBuild) + "/app/netvsc-fwd";
}
std::string sleeper_program() {
    return std::string(kBuild) + "/tests/guest/sleeper";
}

std::string sharer_program() {
    return std::string(kBuild) + "/tests/guest/sharer";
}

std::vector<std::string> HostRun::command() const {
    std::vector<std::string> command = {host_program(), "run"};
    for (const auto& nic : nics) {
        append(command, {"--nic", nic});
    }
    if (strict) command.push_back("--strict");
    if (!stats.empty()) append(command, {"--stats-json", stats});
    append(command, options);
    command.push_back("--");
    append(command, guest);
    return command;
}

std::vector<std::string> testpmd(const std::vector<std::string>& options,
                                 std::vector<std::string> eal) {
    std::vector<std::string> command = {"dpdk-testpmd"};
    append(command, eal.empty() ? small_eal() : eal);
    append(command,
           {file_prefix(), "--no-pci", "--no-telemetry", "-d", plugin(), "--",
            "--total-num-mbufs=16384", "--forward-mode=io", "--auto-start", "--stats-period", "1"});
    append(command, options);
    return command;
}

std::vector<std::string> forwarder(Driver driver, const std::vector<std::string>& options) {
    std::vector<std::string> command = {forwarder_program()};
    append(command, small_eal());
    append(command, {file_prefix(), "--no-pci", "--no-telemetry"});
    if (driver == Driver::kOurs) append(command, {"-d", plugin()});
    append(command, {"--", "--forward-mode=io", "--stats-period", "1"});
    append(command, options);
    return command;
}

std::vector<std::string> bench_program(Driver driver, const std::vector<std::string>& options) {
    std::vector<std::string> command = {std::string(kBuild) + "/app/netvsc-bench"};
    append(command, small_eal());
    append(command, {file_prefix(), "--no-pci", "--no-telemetry"});
    if (driver == Driver::kOurs) append(command, {"-d", plugin()});
    command.push_back("--");
    append(command, options);
    return command;
}

nlohmann::json read_json(const std::string& path) {
    std::ifstream file(path);
    return file ? nlohmann::json::parse(file) : nlohmann::json::object();
}

std::uint64_t violations(const nlohmann::json& stats) {
    std::uint64_t sum = 0;
    for (const auto& nic : stats.at("nics")) {
        for (const auto& [name, count] : nic.at("violations").items()) {
            sum += count.get<std::uint64_t>();
        }
    }
    return sum;
}

}  // namespace vmbus::test
