// A host that goes away: it takes the device, it falls silent, it does not let go of the memory.
#include <gtest/gtest.h>

#include "support/testpmd_session.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

TestpmdSession::Options with(const std::string& steps) {
    return {.nics = {"port=gen:rate=20000", "port=gen:rate=20000"},
            .fault = R"({"faults": [)" + steps + "]}"};
}

TEST(HostileLifetime, N22_RescindedDeviceLeavesAndTheOtherGoesOn) {
    TestpmdSession run(with(R"({"what": "rescind", "after": 500})"));
    ASSERT_TRUE(run.forwards()) << run.output();
    // testpmd takes a port out by itself then; until it has, it must not be asked.
    EXPECT_TRUE(run.prints("nb forwarding ports=1", 20s)) << run.output();
    EXPECT_NE(run.output().find("took the device away"), std::string::npos);
    EXPECT_EQ(run.link(1), "up");
    EXPECT_EQ(run.quit(), 0) << run.output();
}

TEST(HostileLifetime, N23_SilentHostIsNoticedAndThePortGoesDownWithTheReason) {
    TestpmdSession run(with(R"({"what": "silence", "after": 500})"));
    ASSERT_TRUE(run.forwards()) << run.output();
    EXPECT_TRUE(run.prints("does not read", 30s)) << run.output();
    EXPECT_EQ(run.link(0), "down");
    EXPECT_EQ(run.link(1), "up");
    EXPECT_GE(run.xstats(0)["ring_q0_stalls"], 1U);
    EXPECT_EQ(run.quit(60s), 0) << run.output();
}

TEST(HostileLifetime, N23_HostThatComesBackIsUsedAgain) {
    TestpmdSession run(with(R"({"what": "pause", "after": 500, "value": 8000})"));
    ASSERT_TRUE(run.forwards()) << run.output();
    EXPECT_TRUE(run.prints("does not read", 30s)) << run.output();
    EXPECT_TRUE(run.prints("the host reads again", 30s)) << run.output();
    EXPECT_EQ(run.link(0), "up");
    EXPECT_EQ(run.quit(), 0) << run.output();
}

TEST(HostileLifetime, N24_MemoryThatTheHostKeepsIsNotUsedForAnythingElse) {
    TestpmdSession run(with(R"({"what": "touch_after_close", "count": "forever", "nic": "all"})"));
    ASSERT_TRUE(run.forwards()) << run.output();
    run.type("stop");
    run.type("port stop all");
    run.type("port config mtu 0 2000");
    run.type("port start all");
    run.type("start");
    const auto again = run.xstats_until(0, 10s, [](const Xstats& stats) {
        return stats.contains("rx_q0_packets") && stats.at("rx_q0_packets") > 100;
    });
    EXPECT_GT(again.at("rx_q0_packets"), 100U) << run.output();
    EXPECT_EQ(run.quit(), 0) << run.output();
    EXPECT_GE(run.host_stats()["nics"][0]["faults"], 1);
}

}  // namespace
}  // namespace vmbus::test
