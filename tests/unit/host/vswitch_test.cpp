#include "host/vswitch.hpp"

#include <gtest/gtest.h>

#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace test;

constexpr std::uint8_t kNobody = 99;
constexpr std::uint32_t kPromiscuous = 0x20;

/// Stations 1, 2 and 3, each on its own port.
class LanTest : public testing::Test {
protected:
    LanTest() {
        for (LanPort& port : ports_) port.set_filter(kPromiscuous);
    }
    LanPort& at(unsigned station) { return ports_[station - 1]; }
    void learn_all() {
        for (std::uint8_t station = 1; station <= 3; ++station) {
            send(at(station), {frame_between(station, kNobody)});
        }
        for (LanPort& port : ports_) {
            take(port, 16);
        }
    }
    static void drain(LanPort& port) {
        while (!take(port, FrameQueue::kFrames).empty()) {
        }
    }
    std::size_t received(unsigned station) { return take(at(station), 16).size(); }

    Replay replay_{fake_clock};
    std::shared_ptr<Lan> lan_ = std::make_shared<Lan>();
    LanPort ports_[3] = {{lan_, replay_}, {lan_, replay_}, {lan_, replay_}};
};

TEST_F(LanTest, AnUnknownStationIsLookedForEverywhereElse) {
    send(at(1), {frame_between(1, 2, 5)});
    EXPECT_EQ(take(at(2), 8), Frames{frame_between(1, 2, 5)});
    EXPECT_EQ(take(at(3), 8), Frames{frame_between(1, 2, 5)});
    EXPECT_EQ(received(1), 0U);
}

TEST_F(LanTest, AKnownStationAloneGetsItsFrames) {
    learn_all();
    send(at(1), {frame_between(1, 2)});
    EXPECT_EQ(received(2), 1U);
    EXPECT_EQ(received(3), 0U);
    EXPECT_EQ(received(1), 0U);
}

TEST_F(LanTest, GroupsAreFlooded) {
    learn_all();
    auto broadcast = frame_between(1, 0);
    std::fill_n(broadcast.begin(), 6, std::uint8_t{0xFF});
    auto multicast = frame_between(1, 0);
    multicast[0] = 0x33;
    send(at(1), {broadcast, multicast});
    EXPECT_EQ(received(2), 2U);
    EXPECT_EQ(received(3), 2U);
    EXPECT_EQ(received(1), 0U);
}

TEST_F(LanTest, NothingGoesBackToWhereItsStationLives) {
    learn_all();
    send(at(1), {frame_between(4, 1)});
    EXPECT_EQ(received(1) + received(2) + received(3), 0U);
}

TEST_F(LanTest, AStationThatMovesIsFollowed) {
    learn_all();
    send(at(3), {frame_between(2, kNobody)});
    received(1);
    received(2);
    send(at(1), {frame_between(1, 2)});
    EXPECT_EQ(received(3), 1U);
    EXPECT_EQ(received(2), 0U);
}

TEST_F(LanTest, AGroupIsNeverLearnedAsASource) {
    auto forged = frame_between(2, kNobody);
    std::fill_n(forged.begin() + 6, 6, std::uint8_t{0xFF});
    send(at(2), {forged});
    received(1);
    received(3);
    auto broadcast = frame_between(1, 0);
    std::fill_n(broadcast.begin(), 6, std::uint8_t{0xFF});
    send(at(1), {broadcast});
    EXPECT_EQ(received(3), 1U);
}

TEST_F(LanTest, InventedSourcesDoNotGrowTheTableWithoutBound) {
    for (std::size_t i = 0; i < Lan::kMostAddresses; ++i) {
        auto frame = frame_between(0, kNobody);
        frame[8] = static_cast<std::uint8_t>(i >> 8);
        frame[9] = static_cast<std::uint8_t>(i);
        send(at(1), {frame});
    }
    send(at(1), {frame_between(77, kNobody)});
    send(at(2), {frame_between(78, kNobody)});
    drain(at(3));
    send(at(2), {frame_between(1, 77)});
    EXPECT_EQ(received(3), 1U) << "flooded, as the share of its port was full";
    send(at(1), {frame_between(1, 78)});
    EXPECT_EQ(received(3), 0U) << "another port's share is its own";
}

TEST_F(LanTest, AFilterLetsInWhatItNames) {
    auto broadcast = frame_between(1, 0);
    std::fill_n(broadcast.begin(), 6, std::uint8_t{0xFF});
    auto multicast = frame_between(1, 0);
    multicast[0] = 0x33;
    const Frames all = {frame_between(1, kNobody), multicast, broadcast};
    for (const auto& [filter, frame] : {std::pair{0x1U, 0U}, {0x2U, 1U}, {0x4U, 1U}, {0x8U, 2U}}) {
        at(2).set_filter(filter);
        send(at(1), all);
        EXPECT_EQ(take(at(2), 8), Frames{all[frame]}) << filter;
    }
    at(2).set_filter(0);
    send(at(1), all);
    EXPECT_EQ(received(2), 0U);
}

TEST_F(LanTest, AStationThatDoesNotListenLosesItsFramesByName) {
    learn_all();
    at(2).set_filter(0);
    send(at(1), {frame_between(1, 2)});
    EXPECT_EQ(dropped(at(2), "lan_filtered"), 1U);
}

TEST_F(LanTest, AClosedGuestIsForgotten) {
    learn_all();
    at(2).guest_closed();
    send(at(1), {frame_between(1, 2)});
    EXPECT_EQ(received(3), 1U) << "unknown again";
}

TEST_F(LanTest, CountsWhatAPortCannotHold) {
    send(at(1), Frames(FrameQueue::kFrames + 2, frame_between(1, 2)));
    EXPECT_EQ(dropped(at(2), "lan_queue_full"), 2U);
    auto too_long = frame_between(1, 2);
    too_long.resize(FrameQueue::kLongestFrame + 1);
    send(at(1), {FrameBytes(13), too_long});
    EXPECT_EQ(dropped(at(1), "lan_runt"), 1U);
    EXPECT_EQ(dropped(at(2), "lan_too_long"), 1U);
}

TEST_F(LanTest, APortThatLeftIsForgotten) {
    auto fourth = std::make_unique<LanPort>(lan_, replay_);
    fourth->set_filter(kPromiscuous);
    send(*fourth, {frame_between(4, kNobody)});
    fourth.reset();
    received(2);
    send(at(1), {frame_between(1, 4)});
    EXPECT_EQ(received(2), 1U) << "unknown again";
}

}  // namespace
}  // namespace vmbus::host
