#include "host/lockstep.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace vmbus::host {
namespace {

struct LockstepTest : ::testing::Test {
    Lockstep wire = Lockstep::create().value();

    void guest_says(std::uint32_t kind, std::uint32_t frames = 0) {
        const Lockstep::Request request{static_cast<Lockstep::Kind>(kind), frames};
        ASSERT_EQ(::send(wire.guest_fd(), &request, sizeof request, 0), ssize_t{sizeof request});
    }
    Lockstep::Answer guest_hears() {
        Lockstep::Answer answer{.turns = UINT32_MAX, .nanoseconds = UINT32_MAX};
        ::recv(wire.guest_fd(), &answer, sizeof answer, MSG_DONTWAIT);
        return answer;
    }
};

TEST_F(LockstepTest, StandsStillFromTheFirstStepUntilItIsToRun) {
    EXPECT_FALSE(wire.take());
    EXPECT_FALSE(wire.standing());
    guest_says(1, 256);
    const auto step = wire.take();
    ASSERT_TRUE(step);
    EXPECT_EQ(step->kind, Lockstep::Kind::kStep);
    EXPECT_EQ(step->frames, 256U);
    EXPECT_TRUE(wire.standing());
    guest_says(2);
    EXPECT_EQ(wire.take()->kind, Lockstep::Kind::kRun);
    EXPECT_FALSE(wire.standing());
}

TEST_F(LockstepTest, AnswersWithTheTurnsThatHadWorkAndTheirTime) {
    wire.answer({.turns = 7, .nanoseconds = 1500});
    const Lockstep::Answer heard = guest_hears();
    EXPECT_EQ(heard.turns, 7U);
    EXPECT_EQ(heard.nanoseconds, 1500U);
}

TEST_F(LockstepTest, AGuestThatIsGoneLeavesTheHostRunning) {
    guest_says(1);
    wire.take();
    wire.guest_started();
    EXPECT_FALSE(wire.take());
    EXPECT_FALSE(wire.standing());
}

TEST_F(LockstepTest, WhatIsNoRequestEndsTheStepping) {
    guest_says(1);
    wire.take();
    guest_says(99);
    EXPECT_FALSE(wire.take());
    EXPECT_FALSE(wire.standing());
    EXPECT_LT(wire.poll_fd(), 0);
}

}  // namespace
}  // namespace vmbus::host
