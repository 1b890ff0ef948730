#include "host/port_tap.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "host/frame_queue.hpp"
#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace test;

/// A pair of sockets that keep frames apart stands for the device and the stack behind it.
class TapPortTest : public testing::Test {
protected:
    TapPortTest() {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
        stack_.reset(ends[1]);
        port_.emplace(base::UniqueFd(ends[0]), replay_);
    }
    void arrive(const FrameBytes& frame) {
        EXPECT_EQ(::write(stack_.get(), frame.data(), frame.size()),
                  static_cast<ssize_t>(frame.size()));
    }
    FrameBytes departed() {
        FrameBytes frame(16 << 10);
        const ssize_t got = ::read(stack_.get(), frame.data(), frame.size());
        frame.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return frame;
    }

    Replay replay_{fake_clock};
    base::UniqueFd stack_;
    std::optional<TapPort> port_;
};

TEST_F(TapPortTest, FramesPassBothWaysOneByOne) {
    port_->set_filter(1);
    arrive(frame_between(1, 2, 7));
    arrive(frame_between(1, 2, 8));
    EXPECT_EQ(take(*port_, 8), (Frames{frame_between(1, 2, 7), frame_between(1, 2, 8)}));
    send(*port_, {frame_between(2, 1, 9)});
    EXPECT_EQ(departed(), frame_between(2, 1, 9));
    EXPECT_EQ(replay_.flow().sent_by_guests, 1U);
}

TEST_F(TapPortTest, GivesNoMoreThanIsAskedFor) {
    port_->set_filter(1);
    for (std::uint8_t mark = 0; mark < 5; ++mark) arrive(frame_between(1, 2, mark));
    EXPECT_EQ(take(*port_, 3).size(), 3U);
    EXPECT_EQ(take(*port_, 3).size(), 2U);
    EXPECT_TRUE(take(*port_, 3).empty());
}

TEST_F(TapPortTest, WhatCameBeforeTheGuestListenedIsThrownAwayAndCounted) {
    arrive(frame_between(1, 2));
    EXPECT_TRUE(take(*port_, 8).empty());
    port_->set_filter(1);
    EXPECT_EQ(dropped(*port_, "tap_before_guest"), 1U);
    EXPECT_TRUE(take(*port_, 8).empty());
    arrive(frame_between(1, 2));
    port_->set_filter(0x20);
    EXPECT_EQ(take(*port_, 8).size(), 1U) << "only from closed to open";
}

TEST_F(TapPortTest, AFrameThatIsTooLongIsCountedAndTheNextOneComes) {
    port_->set_filter(1);
    arrive(FrameBytes(FrameQueue::kLongestFrame + 1));
    arrive(FrameBytes(FrameQueue::kLongestFrame));
    EXPECT_EQ(take(*port_, 8).size(), 1U);
    EXPECT_EQ(dropped(*port_, "tap_too_long"), 1U);
}

TEST_F(TapPortTest, WhatTheKernelDoesNotTakeAtOnceIsCounted) {
    for (int i = 0; i < 10'000 && dropped(*port_, "tap_queue_full") == 0; ++i) {
        send(*port_, {FrameBytes(1500)});
    }
    EXPECT_EQ(dropped(*port_, "tap_queue_full"), 1U);
    stack_.reset();
    send(*port_, {FrameBytes(60)});
    EXPECT_EQ(dropped(*port_, "tap_refused"), 1U);
}

TEST_F(TapPortTest, HasADescriptorToWatch) {
    EXPECT_GE(port_->poll_fd(), 0);
}

}  // namespace
}  // namespace vmbus::host
