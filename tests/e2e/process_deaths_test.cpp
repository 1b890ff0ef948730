// A process of an application dies in the middle of a burst, or stays there: what that costs the
// others, what they are told, and how it is mended.
#include "processes_story.hpp"

namespace vmbus::test {
namespace {

/// How a process ends in the middle of a burst, and what the primary says of it. The queue's number
/// is to come.
struct Death {
    const char* name;
    const char* way;
    const char* said;
};
constexpr Death kSending{"Sending", "die 1 sending", "died in a burst on transmit queue "};
constexpr Death kReceiving{"Receiving", "die 1 receiving", "died in a burst on receive queue "};

class ProcessThatDies
    : public Processes,
      public ::testing::WithParamInterface<std::tuple<Death, const char* /*ring mode*/>> {
protected:
    const Death& death() const { return std::get<0>(GetParam()); }
    Setting setting() const {
        return {.device = std::string("ring_mode=") + std::get<1>(GetParam())};
    }
    void dies(Sharer& process, std::uint16_t queue, const std::string& cost) {
        EXPECT_TRUE(works(process));
        process.type(death().way);
        EXPECT_EQ(process.child().wait(30s), 128 + SIGSEGV) << process.child().output();
        const std::string said = death().said + std::to_string(queue) + ": " + cost;
        EXPECT_TRUE(primary_->child().prints(said + " is out of service", 10s))
            << primary_->child().output();
    }
};
INSTANTIATE_TEST_SUITE_P(InABurst, ProcessThatDies,
                         ::testing::Combine(::testing::Values(kSending, kReceiving),
                                            ::testing::Values("ordered", "relaxed", "single")),
                         [](const auto& tested) {
                             return std::string(std::get<0>(tested.param).name) + "_" +
                                    std::get<1>(tested.param);
                         });

TEST_P(ProcessThatDies, CostsItsChannelAndTheOthersGoOn) {
    start(setting());
    Sharer& third = join(2);
    EXPECT_TRUE(works(third));
    dies(join(1), 1, "channel 1");
    EXPECT_TRUE(works(*primary_));
    EXPECT_TRUE(works(third));
    EXPECT_TRUE(primary_->comes_to("link 1 resets 1")) << primary_->child().output();
    Sharer& late = join(1);
    EXPECT_TRUE(idles(late));
    EXPECT_TRUE(late.counts_some("tx_q1_channel_lost"));
    EXPECT_TRUE(late.counts_some("rx_q1_channel_lost"));
    EXPECT_EQ(primary_->xstat("tx_q0_channel_lost"), 0U);
    EXPECT_TRUE(primary_->does("revive")) << primary_->child().output();
    for (Sharer* process : {&*primary_, &third, &late}) EXPECT_TRUE(works(*process));
    EXPECT_EQ(violations(quit()), 0U);
}

TEST_P(ProcessThatDies, OnThePrimaryChannelCostsThePort) {
    Setting with = setting();
    with.queue = 1;
    start(with);
    Sharer& third = join(2);
    EXPECT_TRUE(works(third));
    dies(join(0), 0, "the port");
    EXPECT_TRUE(primary_->comes_to("link 0 resets 1")) << primary_->child().output();
    EXPECT_TRUE(idles(*primary_));
    EXPECT_TRUE(idles(third));
    EXPECT_TRUE(primary_->does("revive")) << primary_->child().output();
    for (Sharer* process : {&*primary_, &third, &join(0)}) EXPECT_TRUE(works(*process));
    EXPECT_EQ(violations(quit()), 0U);
}

using ProcessThatDied = ProcessThatDies;
INSTANTIATE_TEST_SUITE_P(InABurst, ProcessThatDied,
                         ::testing::Values(std::tuple(kSending, "ordered"),
                                           std::tuple(kReceiving, "ordered")),
                         [](const auto& tested) {
                             return std::string(std::get<0>(tested.param).name);
                         });

TEST_P(ProcessThatDied, IsNotMissedAfterAStopAndAStartNorAfterANewConfiguration) {
    start(setting());
    for (const char* mends : {"start", "queues 4"}) {
        dies(join(1), 1, "channel 1");
        EXPECT_TRUE(primary_->does("stop"));
        EXPECT_TRUE(primary_->does(mends)) << primary_->child().output();
        EXPECT_TRUE(works(*primary_));
        Sharer& late = join(1);
        EXPECT_TRUE(works(late));
        EXPECT_EQ(late.quit(), 0) << late.child().output();
    }
    EXPECT_EQ(violations(quit()), 0U);
}

TEST_P(ProcessThatDied, IsFoundByWhoStopsThePortFirst) {
    start(setting());
    Sharer& other = join(1);
    EXPECT_TRUE(works(other));
    other.type(death().way);
    EXPECT_EQ(other.child().wait(30s), 128 + SIGSEGV) << other.child().output();
    EXPECT_TRUE(primary_->does("mtu 1400")) << primary_->child().output();
    EXPECT_TRUE(works(*primary_));
    EXPECT_TRUE(works(join(1)));
    EXPECT_EQ(violations(quit()), 0U);
}

TEST_F(Processes, KilledOneLeavesThePrimaryAPortThatWorksOrWantsAReset) {
    start();
    for (int round = 0; round < 6; ++round) {
        Sharer& other = join();
        EXPECT_TRUE(works(other));
        ASSERT_NE(other.process(), 0);
        ::kill(other.process(), SIGKILL);
        EXPECT_EQ(other.child().wait(30s), 128 + SIGKILL);
        // In a burst or between two: nobody knows beforehand.
        EXPECT_TRUE(primary_->does("revive")) << primary_->child().output();
        EXPECT_TRUE(works(*primary_));
    }
    EXPECT_EQ(violations(quit()), 0U);
}

class ProcessThatStays : public Processes {
protected:
    /// One is in a burst, and the primary has waited for it in vain.
    void stop_with_one_inside() {
        start();
        stuck_ = &join(1);
        EXPECT_TRUE(works(*stuck_));
        stuck_->type("stick 1 sending");
        ASSERT_TRUE(stuck_->child().prints("stuck", 10s)) << stuck_->child().output();
        EXPECT_TRUE(works(*primary_)) << "until somebody wants it out, nobody minds";
        EXPECT_TRUE(primary_->does("stop"));
        EXPECT_TRUE(primary_->child().prints("does not come out of a burst", 1s))
            << primary_->child().output();
        EXPECT_FALSE(primary_->does("start")) << "nothing is known of the queues";
    }
    std::string name_of_it() { return "process " + std::to_string(stuck_->process()) + " "; }

    Sharer* stuck_ = nullptr;
};

TEST_F(ProcessThatStays, InABurstKeepsThePortDownUntilItComesOut) {
    stop_with_one_inside();
    EXPECT_FALSE(primary_->does("revive")) << "the channel cannot be opened anew";
    EXPECT_TRUE(primary_->child().prints(name_of_it() + "does not let go of the device", 1s))
        << primary_->child().output();
    EXPECT_EQ(primary_->child().output().find("the host broke"), std::string::npos)
        << primary_->child().output();
    ::kill(stuck_->process(), SIGUSR1);
    EXPECT_TRUE(idles(*stuck_)) << "it lives, and finds a shut door";
    EXPECT_TRUE(primary_->does("revive")) << primary_->child().output();
    EXPECT_TRUE(works(*primary_));
    EXPECT_TRUE(works(*stuck_));
    quit();
}

TEST_F(ProcessThatStays, InABurstAndIsKilledThereMakesRoomForAReset) {
    stop_with_one_inside();
    ASSERT_NE(stuck_->process(), 0);
    ::kill(stuck_->process(), SIGKILL);
    EXPECT_EQ(stuck_->child().wait(30s), 128 + SIGKILL);
    EXPECT_TRUE(primary_->does("revive")) << primary_->child().output();
    EXPECT_TRUE(works(*primary_));
    EXPECT_TRUE(works(join(1)));
    quit();
}

TEST_F(ProcessThatStays, InABurstLetsThePrimaryEnd) {
    stop_with_one_inside();
    EXPECT_EQ(primary_->quit(), 0) << primary_->child().output();
}

}  // namespace
}  // namespace vmbus::test
