#include <gtest/gtest.h>

#include <array>
#include <set>

#include "net/netvsc/control/session.hpp"
#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

struct LanesTest : testing::Test {
    LanesTest() {
        options.counters = counters;
        host.start();
        session = Session::open(rig.resources(), options, failure);
    }
    ~LanesTest() override { session->fail(Health::kRemoved); }

    std::uint16_t granted(std::uint16_t lanes) { return session->ask_for_lanes(lanes).value(); }
    void add_sub_channel() {
        subs.push_back(std::make_unique<Rig>());
        ASSERT_EQ(session->add_lane(subs.back()->channel(), 4), 0);
    }
    /// The lane by which a queue sends.
    int lane_of(std::uint16_t queue) {
        for (std::uint16_t i = 0; i < session->lanes(); ++i) {
            if (session->tx_line(queue).lane == &session->lane(i)) return i;
        }
        return -1;
    }
    void host_wants(std::uint32_t lane) {
        host.stop();
        wire::NvspSendIndirectionTable message{
            raw(wire::NvspType::kSendIndirectionTable), 16, 12, {}};
        for (auto& entry : message.table) entry = lane;
        host.end.put({.payload = base::bytes_of(message)});
        host.start();
    }

    Rig rig;
    std::vector<std::unique_ptr<Rig>> subs;
    ScriptedHost host{rig};
    std::array<RingCounters, 4> counters;
    SessionOptions options;
    Session::Failure failure;
    std::unique_ptr<Session> session;
};

constexpr std::uint32_t kDead = tag_of_secondary(4242);

TEST_F(LanesTest, LaneOnWhichAProcessDiedIsLostAlone) {
    granted(2);
    add_sub_channel();
    ASSERT_FALSE(session->has_dead_lanes());
    session->lose(1, kDead);
    EXPECT_TRUE(session->has_dead_lanes());
    EXPECT_FALSE(session->lane(1).alive());
    EXPECT_TRUE(session->lane(0).alive());
    EXPECT_TRUE(session->health().alive());
}

TEST_F(LanesTest, WithoutTheFirstLaneTheSessionHasFailed) {
    granted(2);
    add_sub_channel();
    session->lose(0, kDead);
    EXPECT_EQ(session->health().state(), Health::kTorn);
    EXPECT_FALSE(session->lane(1).alive());
}

TEST_F(LanesTest, DeadOwnerOfALostLaneMakesRoomForNobodyWhoReadsOn) {
    granted(2);
    add_sub_channel();
    process_tag = kDead;
    ASSERT_TRUE(session->lane(1).owner().try_enter());
    process_tag = kPrimaryTag;
    HostEnd end(*subs[0]);
    end.put({.payload = Message(16)});
    session->lose(1, kDead);
    EXPECT_TRUE(session->lane(1).poll()) << "control threads get in";
    EXPECT_NE(session->lane(1).channel().rx().bytes_unread(), 0U);
}

TEST_F(LanesTest, QueueOfALostLaneIsNotMovedToAnother) {
    granted(2);
    add_sub_channel();
    ASSERT_EQ(session->share_sections(2), 0);
    ASSERT_EQ(lane_of(1), 1);
    session->lose(1, kDead);
    host_wants(0);
    EXPECT_EQ(session->share_sections(2), 0);
    EXPECT_EQ(lane_of(1), 1);
}

TEST_F(LanesTest, LaneHasANumber) {
    granted(2);
    add_sub_channel();
    EXPECT_EQ(session->number_of(session->lane(0)), 0);
    EXPECT_EQ(session->number_of(session->lane(1)), 1);
}

TEST_F(LanesTest, AsksForOneLessThanThereAreToBe) {
    EXPECT_EQ(granted(4), 3);
    EXPECT_EQ(granted(1), 0);
    host.stop();
    EXPECT_EQ(host.sub_channels_asked, std::vector<std::uint32_t>{3});
}

// defect: 4.3-15 a grant of more than was asked for, or of less, is what it is taken for
TEST_F(LanesTest, GrantIsNeverMoreThanWasAskedFor) {
    host.stop();
    host.grant = [](std::uint32_t) {
        return wire::NvspSubChannelComplete{raw(wire::NvspType::kSubChannel), 1, 0xFFFFFFFF};
    };
    host.start();
    EXPECT_EQ(granted(4), 3);
}

// row: sub_channels
TEST_F(LanesTest, RefusalIsAnsweredByAskingForLess) {
    host.stop();
    host.grant = [](std::uint32_t count) {
        return wire::NvspSubChannelComplete{raw(wire::NvspType::kSubChannel), count > 2 ? 2U : 1U,
                                            count > 2 ? 0 : count};
    };
    host.start();
    EXPECT_EQ(granted(11), 2);
    host.stop();
    EXPECT_EQ(host.sub_channels_asked, (std::vector<std::uint32_t>{10, 5, 2}));
}

TEST_F(LanesTest, LaneThatIsGivenUpIsLeftAloneAndTheOthersAreNot) {
    granted(3);
    add_sub_channel();
    add_sub_channel();
    EXPECT_FALSE(session->has_dead_lanes());
    session->lane(2).set_given_up(true);
    EXPECT_TRUE(session->has_dead_lanes());
    HostEnd(*subs[1], rig).deliver(5, data_message(60));
    session->lane(2).poll();
    EXPECT_GT(session->lane(2).channel().rx().bytes_unread(), 0U);
    EXPECT_TRUE(session->lane(1).alive() && session->lane(0).alive());
    session->lane(2).set_given_up(false);
    session->lane(2).poll();
    EXPECT_EQ(session->lane(2).channel().rx().bytes_unread(), 0U);
}

TEST_F(LanesTest, SignalsAreCountedSinceTheyWereForgotten) {
    Lane& lane = session->lane(0);
    lane.channel().ring_if(true);
    EXPECT_GT(lane.signals(), 0U);
    lane.reset_signals();
    EXPECT_EQ(lane.signals(), 0U);
    lane.channel().ring_if(true);
    EXPECT_EQ(lane.signals(), 1U);
}

TEST_F(LanesTest, RefusalOfEverythingLeavesThePrimary) {
    host.stop();
    host.grant = [](std::uint32_t) {
        return wire::NvspSubChannelComplete{raw(wire::NvspType::kSubChannel), 2, 0};
    };
    host.start();
    EXPECT_EQ(granted(64), 0);
    EXPECT_EQ(session->lanes(), 1);
}

TEST_F(LanesTest, QueuesShareTheLanesAndTheSections) {
    add_sub_channel();
    ASSERT_EQ(session->share_sections(3), 0);
    EXPECT_EQ((std::array{lane_of(0), lane_of(1), lane_of(2)}), (std::array{0, 1, 0}));
    for (std::uint16_t q = 0; q < 3; ++q) {
        EXPECT_EQ(session->tx_line(q).slots.capacity(), (kSections - kControlSlots) / 3);
    }
    EXPECT_EQ(session->share_sections(kSections), -ENOSPC);
}

TEST_F(LanesTest, NoTwoQueuesHaveOneSection) {
    ASSERT_EQ(session->share_sections(3), 0);
    std::set<std::uint32_t> seen;
    for (std::uint16_t q = 0; q < 3; ++q) {
        while (const auto id = session->tx_line(q).slots.begin({})) {
            const std::uint32_t index = session->tx_line(q).slots.section_index(*id);
            EXPECT_TRUE(seen.insert(index).second);
            EXPECT_GE(index, kControlSlots);
            EXPECT_LT(index, kSections);
        }
    }
}

TEST_F(LanesTest, SectionsThatTheHostHoldsAreNotSharedAnew) {
    const auto id = session->tx_line(0).slots.begin({});
    ASSERT_TRUE(id);
    EXPECT_EQ(session->share_sections(2), -EBUSY);
    EXPECT_EQ(session->share_sections(1), 0) << "nothing changes";
    session->tx_line(0).slots.complete(*id);
    EXPECT_EQ(session->share_sections(2), 0);
}

TEST_F(LanesTest, HostsWishForASendChannelIsFollowed) {
    add_sub_channel();
    host_wants(1);
    ASSERT_EQ(session->share_sections(2), 0);
    EXPECT_EQ((std::array{lane_of(0), lane_of(1)}), (std::array{1, 1}));
}

// row: tx_completion_channel
TEST_F(LanesTest, QueueWithPacketsOnTheirWayKeepsItsLane) {
    add_sub_channel();
    ASSERT_TRUE(session->tx_line(0).slots.begin({}));
    host_wants(1);
    EXPECT_EQ(session->share_sections(1), 0);
    EXPECT_EQ(lane_of(0), 0);
}

// defect: 4.3-7 a completion on another channel than its queue's frees nothing
TEST_F(LanesTest, CompletionOnTheWrongChannelIsCountedThere) {
    add_sub_channel();
    ASSERT_EQ(session->share_sections(2), 0);
    const auto id = session->tx_line(1).slots.begin({});
    HostEnd sub(*subs[0], rig);
    host.stop();
    host.end.complete_rndis(*id);
    session->link().poll();
    sub.complete_rndis(*id);
    session->lane(1).poll();
    EXPECT_EQ(counters[0][RingCount::kCompletionBadId].value(), 1U);
    EXPECT_EQ(session->tx_line(1).completions.take([](const TxCompletion&) {}), 1U);
}

TEST_F(LanesTest, FramesOfASubChannelAreGivenBackOnIt) {
    add_sub_channel();
    HostEnd sub(*subs[0], rig);
    sub.deliver(7, data_message(60));
    session->lane(1).inbound().set_received(false);
    session->lane(1).poll();
    const auto ack = sub.take();
    ASSERT_TRUE(ack);
    EXPECT_EQ(ack->transaction_id(), 7U);
    EXPECT_EQ(counters[1][RingCount::kUnclaimed].value(), 1U);
}

TEST_F(LanesTest, MoreLanesThanAreCountedAreRefused) {
    for (int i = 0; i < 3; ++i) add_sub_channel();
    Rig fourth;
    EXPECT_EQ(session->add_lane(fourth.channel(), 5), -ENOSPC);
}

}  // namespace
}  // namespace vmbus::netvsc::test
