// netvsc-fwd is for any DPDK port: every mode on two net_null and on two net_ring ports, and jq
// reads what it writes.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/json_output.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> on(const std::string& driver, const std::vector<std::string>& options) {
    auto command = forwarder(Driver::kDistribution, options);
    command.insert(command.begin() + 1, {"--vdev", driver + "0", "--vdev", driver + "1"});
    return command;
}

/// --json --count, to its end.
nlohmann::json count(const std::string& driver, const std::string& mode) {
    Child alone(on(driver, {"--forward-mode=" + mode, "--count=20000", "--json", "--burst=64"}));
    EXPECT_EQ(alone.wait(60s), 0) << driver << ' ' << mode << alone.output();
    return last_json(alone.output())["total"];
}

/// It receives frames of zeros without end, and swallows what is sent.
TEST(FwdVdev, NetNullWorksInEveryMode) {
    for (const char* mode : {"io", "mac", "macswap", "csum", "txonly", "flowgen"}) {
        EXPECT_EQ(count("net_null", mode)["tx_packets"], 20000) << mode;
    }
    for (const char* mode : {"rxonly", "icmpecho"}) {
        EXPECT_EQ(count("net_null", mode)["consumed"], 20000) << mode;
    }
}

/// What is sent on it comes back. With txonly nobody takes it out again: it fills up.
TEST(FwdVdev, NetRingWorksWhereSomethingIsMade) {
    const auto flows = count("net_ring", "flowgen");
    EXPECT_EQ(flows["tx_packets"], 20000);
    EXPECT_GT(flows["consumed"], 10000);
    Child latency(
        on("net_ring", {"--forward-mode=latency", "--count=1000", "--json", "--expect-zero-loss"}));
    ASSERT_EQ(latency.wait(60s), 0) << latency.output();
    EXPECT_EQ(last_json(latency.output())["latency_ns"]["frames"], 1000);
}

TEST(FwdVdev, JqReadsStandardOutputAsItIs) {
    auto command = on("net_null", {"--duration=2", "--json"});
    command.insert(
        command.begin(),
        {"sh", "-c", "\"$@\" 2>/dev/null | jq -es 'last.total.tx_packets, length'", "sh"});
    Child jq(command);
    ASSERT_EQ(jq.wait(60s), 0) << jq.output();
    std::istringstream words(jq.output());
    std::uint64_t packets = 0;
    std::size_t objects = 0;
    words >> packets >> objects;
    EXPECT_GT(packets, 0U) << jq.output();
    EXPECT_GE(objects, 2U) << jq.output();
}

TEST(FwdVdev, JsonComesOnceASecondUnlessAnotherPeriodIsGiven) {
    auto command = on("net_null", {"--duration=2", "--json"});
    const auto period = std::find(command.begin(), command.end(), "--stats-period");
    command.erase(period, period + 2);
    Child unasked(command);
    ASSERT_EQ(unasked.wait(60s), 0) << unasked.output();
    EXPECT_GE(json_lines(unasked.output()).size(), 2U) << unasked.output();
    command.push_back("--stats-period=0");
    Child none(command);
    ASSERT_EQ(none.wait(60s), 0) << none.output();
    EXPECT_EQ(json_lines(none.output()).size(), 1U) << none.output();
}

TEST(FwdVdev, ADriverThatTellsLittleStillHasItsTable) {
    auto command = on("net_ring", {"--forward-mode=flowgen", "--duration=2"});
    std::string line = "TERM=xterm";
    for (const std::string& word : command) line += " '" + word + "'";
    Child terminal({"script", "--quiet", "--return", "--command", line, "/dev/null"});
    ASSERT_EQ(terminal.wait(60s), 0) << terminal.output();
    EXPECT_NE(terminal.output().find("path: -"), std::string::npos) << terminal.output();
}

TEST(FwdVdev, WhatThePortCannotIsOneLineAndStatus1) {
    Child alone(on("net_null", {"--forward-mode=txonly", "--txpkts=2000"}));
    EXPECT_EQ(alone.wait(30s), 1) << alone.output();
    EXPECT_NE(alone.output().find("netvsc-fwd: --txpkts: port 0 takes frames of at most"),
              std::string::npos)
        << alone.output();
}

}  // namespace
}  // namespace vmbus::test
