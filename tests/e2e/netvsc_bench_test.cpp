// netvsc-bench as a whole: each measurement on our driver and on the distribution's moves packets,
// and a stepped one moves exactly as many as its steps allow.
#include <gtest/gtest.h>

#include "support/child.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
constexpr unsigned kBurst = 32;
constexpr unsigned kTurnsPerStep = 8;

struct NetvscBench : ::testing::Test {
    const TemporaryFolder folder;
    const std::string result = folder.path("result.json");

    nlohmann::json measure(Driver driver, const std::string& mode, const std::string& port,
                           const std::vector<std::string>& further,
                           const std::vector<std::string>& host_options = {}) {
        std::vector<std::string> guest = {"--measure", mode, "--json", result, "--warm-up", "0"};
        guest.insert(guest.end(), further.begin(), further.end());
        const HostRun run{.nics = {"port=" + port},
                          .guest = bench_program(driver, guest),
                          .options = host_options};
        Child host(run.command());
        EXPECT_EQ(host.wait(60s), 0) << host.output();
        return read_json(result);
    }
};

TEST_F(NetvscBench, MeasuresTransmitReceiveAndForward) {
    const std::vector<std::string> brief = {"--seconds", "0.1", "--size", "imix"};
    EXPECT_GT(measure(Driver::kOurs, "tx", "null", brief)["pps"], 0);
    EXPECT_GT(measure(Driver::kOurs, "rx", "gen", brief)["pps"], 0);
    EXPECT_GT(measure(Driver::kOurs, "forward", "gen", brief)["pps"], 0);
}

TEST_F(NetvscBench, MeasuresRoundTrips) {
    const auto line = measure(Driver::kOurs, "latency", "loop", {"--seconds", "0.2"});
    EXPECT_GT(line["latency_ns"]["p50"], 0);
    EXPECT_LE(line["latency_ns"]["p50"], line["latency_ns"]["p99"]);
    EXPECT_LE(line["latency_ns"]["p99"], line["latency_ns"]["max"]);
}

TEST_F(NetvscBench, InLockstepEachStepMovesFullBurstsAndNoPollIsInVain) {
    for (const Driver driver : {Driver::kOurs, Driver::kDistribution}) {
        for (const std::string mode : {"rx", "tx", "forward"}) {
            const auto line = measure(driver, mode, "gen", {"--steps", "5"}, {"--lockstep"});
            EXPECT_EQ(line["packets"], 5 * kTurnsPerStep * kBurst) << mode;
            EXPECT_EQ(line["idle_calls"], 0) << mode;
        }
    }
}

TEST_F(NetvscBench, ReceivedPacketsGoBackToAHostThatSleepsWithFewerSignals) {
    const std::string stats = folder.path("stats.json");
    const auto signals = [&](Driver driver, const std::string& mode, unsigned steps) {
        measure(driver, mode, "gen", {"--steps", std::to_string(steps), "--bursts-per-step", "1"},
                {"--lockstep", "--spin", "0", "--stats-json", stats});
        return read_json(stats)["nics"][0]["channels"][0]["signals_from_guest"].get<unsigned>();
    };
    // The hand-shake has signals of its own, as many in both runs.
    EXPECT_LT(signals(Driver::kOurs, "rx", 800) - signals(Driver::kOurs, "rx", 400), 400U / 5);
    EXPECT_GE(signals(Driver::kDistribution, "rx", 400), 400U);
    EXPECT_GE(signals(Driver::kOurs, "tx", 400), 400U) << "a burst must be signalled";
}

TEST_F(NetvscBench, SaysThatStepsNeedAHostInLockstep) {
    const HostRun run{.nics = {"port=null"},
                      .guest = bench_program(Driver::kOurs, {"--measure", "tx", "--steps", "1"})};
    Child host(run.command());
    EXPECT_EQ(host.wait(60s), 1);
    EXPECT_NE(host.output().find("--lockstep"), std::string::npos) << host.output();
}

}  // namespace
}  // namespace vmbus::test
