#include "host/port_loop.hpp"

#include <gtest/gtest.h>

#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace test;

class LoopPortTest : public testing::Test {
protected:
    Replay replay_{fake_clock};
    LoopPort port_{replay_};
};

TEST_F(LoopPortTest, WhatIsSentComesBackInOrder) {
    const Frames frames = {make_frame(0), make_frame(1), make_frame(2)};
    send(port_, frames);
    EXPECT_EQ(take(port_, 8), frames);
    EXPECT_TRUE(take(port_, 8).empty());
    EXPECT_EQ(replay_.flow().sent_by_guests, 3U);
}

TEST_F(LoopPortTest, HandsOutNoMoreThanAskedFor) {
    send(port_, {make_frame(0), make_frame(1), make_frame(2)});
    EXPECT_EQ(take(port_, 2).size(), 2U);
    EXPECT_EQ(take(port_, 2), Frames{make_frame(2)});
}

TEST_F(LoopPortTest, CountsWhatItCannotHold) {
    send(port_, Frames(FrameQueue::kFrames + 3, make_frame(0)));
    send(port_, {FrameBytes(FrameQueue::kLongestFrame + 1)});
    EXPECT_EQ(dropped(port_, "loop_queue_full"), 3U);
    EXPECT_EQ(dropped(port_, "loop_too_long"), 1U);
}

TEST_F(LoopPortTest, ForgetsWhatItsGuestLeftBehind) {
    send(port_, {make_frame(0)});
    port_.guest_closed();
    EXPECT_TRUE(take(port_, 8).empty());
}

}  // namespace
}  // namespace vmbus::host
