#include "host/replay.hpp"

#include <gtest/gtest.h>

#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace std::chrono_literals;
using test::pass;

class ReplayTest : public testing::Test {
protected:
    void open_and_settle() {
        replay_.filter_opened();
        pass(Replay::kSettle);
    }
    void SetUp() override { open_and_settle(); }

    Replay replay_{test::fake_clock};
};

TEST_F(ReplayTest, IsNeverDoneWhereNothingIsReplayed) {
    EXPECT_FALSE(replay_.active());
    EXPECT_FALSE(replay_.done());
}

TEST_F(ReplayTest, LetsNothingOutBeforeTheLastFilterHasSettled) {
    replay_.filter_opened();
    pass(Replay::kSettle - 1ms);
    EXPECT_EQ(replay_.room(), 0U);
    replay_.filter_opened();
    pass(1ms);
    EXPECT_EQ(replay_.room(), 0U) << "another port opened meanwhile";
    pass(Replay::kSettle - 1ms);
    EXPECT_EQ(replay_.room(), Replay::kWindow);
}

TEST_F(ReplayTest, AGuestThatDidNotRunHasNotSettled) {
    std::chrono::nanoseconds ran = 7s;
    replay_.watch([&ran] { return ran; });
    replay_.filter_opened();
    pass(Replay::kSettle);
    ran += Replay::kSettleRunning - 1ns;
    EXPECT_EQ(replay_.room(), 0U);
    ran += 1ns;
    EXPECT_EQ(replay_.room(), Replay::kWindow);
    ran = {};
    EXPECT_EQ(replay_.room(), Replay::kWindow) << "what has settled stays so";
}

TEST_F(ReplayTest, AGuestThatSleepsUntilFramesComeHasSettledInTheEnd) {
    replay_.watch([] { return 7s; });
    replay_.filter_opened();
    pass(Replay::kSettleAtMost - 1ms);
    EXPECT_EQ(replay_.room(), 0U);
    pass(1ms);
    EXPECT_EQ(replay_.room(), Replay::kWindow);
}

TEST_F(ReplayTest, AnOpenedFilterIsProgress) {
    pass(5ms);
    replay_.filter_opened();
    EXPECT_EQ(replay_.last_progress(), test::fake_now);
}

TEST_F(ReplayTest, TheWindowIsSharedByAllInputs) {
    replay_.replayed(200);
    EXPECT_EQ(replay_.room(), 56U);
    replay_.replayed(56);
    EXPECT_EQ(replay_.room(), 0U);
    replay_.guest_sent(10);
    EXPECT_EQ(replay_.room(), 10U);
}

TEST_F(ReplayTest, TheWindowStaysShutUntilPatienceEnds) {
    replay_.replayed(Replay::kWindow);
    pass(49ms);
    EXPECT_EQ(replay_.room(), 0U);
    pass(1ms);
    EXPECT_EQ(replay_.room(), Replay::kWindow);
    EXPECT_EQ(replay_.flow().not_returned, Replay::kWindow);
}

TEST_F(ReplayTest, AGuestThatHasNotTakenWhatItWasGivenIsWaitedFor) {
    auto& input = replay_.add_input(1000);
    replay_.replayed(Replay::kWindow);
    replay_.guest_holds(input, Replay::kWindow);
    pass(Replay::kPatienceWithTheSlow - 1ms);
    EXPECT_EQ(replay_.room(), 0U);
    replay_.guest_holds(input, 10);
    pass(Replay::kPatienceWithTheSlow - 1ms);
    EXPECT_EQ(replay_.room(), 0U) << "it is alive, and slow";
    replay_.guest_holds(input, 0);
    EXPECT_EQ(replay_.last_progress(), test::fake_now);
    pass(49ms);
    EXPECT_EQ(replay_.room(), 0U) << "what it has taken it may be about to return";
    pass(1ms);
    EXPECT_EQ(replay_.room(), Replay::kWindow);
}

TEST_F(ReplayTest, AnInputThatNobodyReadsIsWaitedForOnce) {
    auto& dead = replay_.add_input(1000);
    auto& alive = replay_.add_input(1000);
    replay_.replayed(Replay::kWindow);
    replay_.guest_holds(dead, 100);
    replay_.guest_holds(alive, 156);
    replay_.guest_holds(alive, 0);
    pass(Replay::kPatienceWithTheSlow);
    for (int window = 0; window < 3; ++window) {
        EXPECT_EQ(replay_.room(), Replay::kWindow) << window;
        replay_.replayed(Replay::kWindow);
        replay_.guest_holds(alive, Replay::kWindow);
        EXPECT_EQ(replay_.room(), 0U);
        replay_.guest_holds(alive, 0);
        pass(50ms);
    }
}

TEST_F(ReplayTest, MoreThatIsGivenToAGuestIsNoSignOfLife) {
    auto& input = replay_.add_input(1000);
    replay_.replayed(100);
    replay_.guest_holds(input, 100);
    pass(Replay::kPatienceWithTheSlow - 1ms);
    replay_.replayed(156);
    replay_.guest_holds(input, Replay::kWindow);
    pass(50ms);
    EXPECT_EQ(replay_.room(), Replay::kWindow);
}

TEST_F(ReplayTest, EachReturnedFrameRenewsThePatience) {
    replay_.replayed(Replay::kWindow + 1);
    pass(49ms);
    replay_.guest_sent(1);
    pass(49ms);
    EXPECT_EQ(replay_.room(), 0U);
}

TEST_F(ReplayTest, LateFramesDoNotWidenTheWindow) {
    replay_.replayed(Replay::kWindow);
    pass(50ms);
    replay_.replayed(replay_.room());
    replay_.guest_sent(Replay::kWindow);
    EXPECT_EQ(replay_.flow().not_returned, 0U);
    EXPECT_EQ(replay_.room(), 0U) << "the second window is still out";
}

TEST_F(ReplayTest, AGuestThatSendsFramesOfItsOwnDoesNotWrapTheCount) {
    replay_.guest_sent(1000);
    EXPECT_EQ(replay_.room(), Replay::kWindow);
}

TEST_F(ReplayTest, IsDoneWhenAllInputsAreReplayedAndAsMuchCameOut) {
    replay_.add_input(5);
    replay_.add_input(0);
    replay_.input_finished();
    EXPECT_FALSE(replay_.done());
    replay_.replayed(5);
    replay_.input_finished();
    replay_.guest_sent(4);
    EXPECT_FALSE(replay_.done());
    replay_.guest_sent(1);
    EXPECT_TRUE(replay_.done());
    EXPECT_EQ(replay_.flow().to_replay, 5U);
}

TEST_F(ReplayTest, ProgressIsAFrameEitherWay) {
    pass(5ms);
    replay_.replayed(0);
    replay_.guest_sent(0);
    EXPECT_LT(replay_.last_progress(), test::fake_now);
    replay_.replayed(1);
    EXPECT_EQ(replay_.last_progress(), test::fake_now);
    pass(5ms);
    replay_.guest_sent(1);
    EXPECT_EQ(replay_.last_progress(), test::fake_now);
}

}  // namespace
}  // namespace vmbus::host
