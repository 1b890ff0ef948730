#include "net/netvsc/rx_bell.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <thread>

namespace vmbus::netvsc {
namespace {

using State = RxBell::State;

struct RxBellTest : testing::Test {
    RxBellTest() { EXPECT_EQ(bell.open(), 0); }
    bool rung() const {
        pollfd file{.fd = bell.fd(), .events = POLLIN, .revents = 0};
        return ::poll(&file, 1, 0) == 1;
    }
    RxBell bell;
};

TEST_F(RxBellTest, WakesOnlyWhoArmedIt) {
    bell.wake();
    EXPECT_FALSE(rung());
    bell.arm();
    EXPECT_FALSE(rung());
    bell.wake();
    EXPECT_TRUE(rung());
}

TEST_F(RxBellTest, OneArmIsOneRing) {
    bell.arm();
    bell.wake();
    bell.wake();
    EXPECT_EQ(bell.rings(), 1U);
}

TEST_F(RxBellTest, DisarmedBellIsSilent) {
    bell.arm();
    bell.disarm();
    bell.wake();
    EXPECT_FALSE(rung());
}

TEST_F(RxBellTest, DrainForgetsRings) {
    bell.ring();
    bell.drain();
    EXPECT_FALSE(rung());
    bell.drain();
}

TEST_F(RxBellTest, ReasonToStayAwakeRingsForWhoSleepsAndForWhoWants) {
    bell.arm();
    bell.keep_awake(State::kVf);
    EXPECT_EQ(bell.rings(), 1U);
    bell.disarm();
    bell.arm();
    EXPECT_EQ(bell.rings(), 2U);
}

TEST_F(RxBellTest, EachReasonEndsByItself) {
    bell.keep_awake(State::kVf);
    bell.keep_awake(State::kRemoved);
    bell.let_sleep(State::kVf);
    bell.arm();
    EXPECT_TRUE(rung());
    bell.drain();
    bell.disarm();
    bell.let_sleep(State::kRemoved);
    bell.arm();
    EXPECT_FALSE(rung());
}

TEST_F(RxBellTest, RingsAreCountedAnewAfterAReset) {
    bell.ring();
    bell.reset_rings();
    EXPECT_EQ(bell.rings(), 0U);
}

TEST(RxBellClosed, RingingDoesNothing) {
    RxBell bell;
    bell.ring();
    bell.drain();
    EXPECT_EQ(bell.fd(), -1);
    EXPECT_EQ(bell.rings(), 0U);
}

/// Work is made and announced; the sleeper looks once more after it armed, as with a ring.
TEST_F(RxBellTest, SleeperMissesNothingThatIsAnnouncedMeanwhile) {
    constexpr unsigned kWork = 5000;
    std::atomic<unsigned> made{0};
    std::jthread worker([&] {
        for (unsigned i = 0; i < kWork; ++i) {
            made.fetch_add(1);
            bell.wake();
        }
    });
    for (unsigned seen = 0; seen < kWork;) {
        bell.drain();
        bell.arm();
        if (made.load() == seen) {
            pollfd file{.fd = bell.fd(), .events = POLLIN, .revents = 0};
            ASSERT_EQ(::poll(&file, 1, 10'000), 1) << "asleep for ever after " << seen;
        }
        seen = made.load();
    }
}

}  // namespace
}  // namespace vmbus::netvsc
