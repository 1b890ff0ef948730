// An application of several processes (tests/guest/sharer.cpp) on one NIC of two or more queues:
// all of them send and receive, whatever the primary process does to the port meanwhile. Frames
// come back to the process whose queue their flow is hashed to.
#include "processes_story.hpp"

namespace vmbus::test {
namespace {

TEST_F(Processes, EachSendsAndReceivesOnItsQueueAndNothingIsLost) {
    start();
    for (std::uint16_t queue = 1; queue < 4; ++queue) EXPECT_TRUE(works(join(queue)));
    EXPECT_TRUE(works(*primary_));
    const Counts sum = settled();
    const auto nic = quit().at("nics").at(0);
    EXPECT_EQ(host_sum(nic, "tx_packets"), sum.sent) << nic;
    EXPECT_EQ(host_sum(nic, "rx_packets"), sum.received) << nic;
    EXPECT_EQ(violations({{"nics", {nic}}}), 0U) << nic;
}

TEST_F(Processes, StoppedPortGivesTheOthersNothingUntilItStartsAgain) {
    start();
    Sharer& other = join();
    EXPECT_TRUE(works(other));
    EXPECT_TRUE(primary_->does("stop"));
    EXPECT_TRUE(idles(other));
    EXPECT_TRUE(primary_->does("start"));
    EXPECT_TRUE(works(other));
    EXPECT_TRUE(works(*primary_));
    EXPECT_EQ(violations(quit()), 0U);
}

// defect: 4.4-14 a new MTU or number of queues moves the mappings under a running secondary, or
// finds the channel still open because that one holds it
TEST_F(Processes, NewMtuAndQueueCountsReachTheOthersWhileTheyBurst) {
    start();
    Sharer& other = join();
    for (const char* change : {"mtu 1400", "queues 2", "mtu 1300", "queues 4"}) {
        EXPECT_TRUE(works(other)) << change;
        EXPECT_TRUE(primary_->does(change)) << primary_->child().output();
        EXPECT_TRUE(works(other)) << change;
        EXPECT_TRUE(works(*primary_)) << change;
    }
    const auto stats = quit();
    EXPECT_EQ(violations(stats), 0U);
    EXPECT_EQ(stats.at("nics").at(0).at("channels").at(0).at("opens"), 5) << stats;
}

TEST_F(Processes, QueueOfAnotherStopsAndStartsUnderItsBursts) {
    start();
    Sharer& other = join();
    for (int round = 0; round < 5; ++round) {
        EXPECT_TRUE(works(other));
        EXPECT_TRUE(primary_->does("queue 1")) << primary_->child().output();
    }
    EXPECT_TRUE(works(other));
    EXPECT_EQ(violations(quit()), 0U);
}

TEST_F(Processes, QueuesThatAreNoMoreAreEmptyForWhoHadThem) {
    start();
    Sharer& other = join(3);
    EXPECT_TRUE(works(other));
    EXPECT_TRUE(primary_->does("queues 2"));
    EXPECT_TRUE(idles(other));
    EXPECT_TRUE(works(*primary_));
    EXPECT_EQ(violations(quit()), 0U);
}

TEST_F(Processes, ChannelsWithoutMonitorBitAreSignalledByTheSendersOwnFile) {
    start({.nic = "port=loop,monitor=off"});
    Sharer& other = join();
    EXPECT_TRUE(works(other));
    EXPECT_TRUE(primary_->does("mtu 1400"));
    EXPECT_TRUE(works(other));
    EXPECT_EQ(violations(quit()), 0U);
}

TEST_F(Processes, DeviceThatTheHostTakesAwayEndsTheBurstsOfAll) {
    start();
    Sharer& other = join();
    EXPECT_TRUE(works(other));
    inject("rescind");
    EXPECT_TRUE(primary_->child().prints("took the device away", 10s))
        << primary_->child().output();
    EXPECT_TRUE(idles(other));
    EXPECT_TRUE(idles(*primary_));
    quit();
}

}  // namespace
}  // namespace vmbus::test
