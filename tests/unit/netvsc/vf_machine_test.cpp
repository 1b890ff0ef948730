#include "net/netvsc/vf_machine.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vmbus::netvsc {
namespace {

using S = VfStage;
using P = VfStep;

/// A machine whose steps all succeed, but for one that may be named.
struct VfMachineTest : testing::Test {
    VfNews news;
    VfMachine machine;
    P failing = P::kNothing;

    void look() { machine.hear(news.offer(), news.path_taken()); }
    void associate(bool allocated, std::uint32_t serial = 7) {
        news.on_association(allocated, serial);
    }
    /// The steps from here until there is nothing to do.
    std::vector<P> settle() {
        look();
        std::vector<P> taken;
        for (P step = machine.next(); step != P::kNothing && taken.size() < 20;
             step = machine.next()) {
            taken.push_back(step);
            machine.done(step, step != failing);
        }
        return taken;
    }
    void bring_up() {
        associate(true);
        machine.set_running(true);
        settle();
        ASSERT_EQ(machine.stage(), S::kActive);
    }
    using Steps = std::vector<P>;
};

TEST_F(VfMachineTest, WithoutAnOfferNothingHappens) {
    machine.set_running(true);
    EXPECT_EQ(settle(), Steps{});
}

TEST_F(VfMachineTest, OfferIsTakenUpAndThePathSwitched) {
    associate(true);
    machine.set_running(true);
    EXPECT_EQ(settle(), (Steps{P::kClaim, P::kPrepare, P::kSwitchOn}));
    EXPECT_EQ(machine.stage(), S::kActive);
}

TEST_F(VfMachineTest, PortIsHiddenBeforeTheApplicationRuns) {
    associate(true);
    EXPECT_EQ(settle(), Steps{P::kClaim});
    machine.set_running(true);
    EXPECT_EQ(settle(), (Steps{P::kPrepare, P::kSwitchOn}));
}

// row: vf_path_order
TEST_F(VfMachineTest, PathComesBackBeforeTheVfIsStopped) {
    bring_up();
    associate(false);
    EXPECT_EQ(settle(), (Steps{P::kSwitchOff, P::kStop, P::kRelease}));
}

TEST_F(VfMachineTest, VfThatComesAgainIsTakenUpAgain) {
    bring_up();
    associate(false);
    settle();
    associate(true, 9);
    EXPECT_EQ(settle(), (Steps{P::kClaim, P::kPrepare, P::kSwitchOn}));
}

TEST_F(VfMachineTest, RemovalThatNobodySawIsNotForgotten) {
    bring_up();
    associate(false);
    associate(true);
    EXPECT_EQ(settle(),
              (Steps{P::kSwitchOff, P::kStop, P::kRelease, P::kClaim, P::kPrepare, P::kSwitchOn}));
}

TEST_F(VfMachineTest, AnotherSerialNumberIsAnotherVf) {
    bring_up();
    associate(true, 8);
    const auto steps = settle();
    ASSERT_EQ(steps.size(), 6U);
    EXPECT_EQ(steps.front(), P::kSwitchOff);
    EXPECT_EQ(machine.stage(), S::kActive);
}

TEST_F(VfMachineTest, SameOfferAgainChangesNothing) {
    bring_up();
    for (int i = 0; i < 1000; ++i) associate(true);
    EXPECT_EQ(settle(), Steps{});
}

TEST_F(VfMachineTest, StormEndsInTheLastWord) {
    bring_up();
    for (int i = 0; i < 100'000; ++i) associate(i % 2 == 0, static_cast<std::uint32_t>(i % 5));
    EXPECT_EQ(settle(), (Steps{P::kSwitchOff, P::kStop, P::kRelease}));
}

TEST_F(VfMachineTest, RemovalWithoutAnOfferIsNothing) {
    associate(false);
    machine.set_running(true);
    EXPECT_EQ(settle(), Steps{});
}

TEST_F(VfMachineTest, UnsolicitedSwitchOfAHostWithoutVfIsNothing) {
    machine.set_running(true);
    news.on_path_taken();
    EXPECT_EQ(settle(), Steps{});
}

TEST_F(VfMachineTest, HostThatTakesThePathKeepsItUntilItOffersAgain) {
    bring_up();
    news.on_path_taken();
    EXPECT_EQ(settle(), (Steps{P::kSwitchOff, P::kStop}));
    EXPECT_EQ(settle(), Steps{});
    associate(true);
    EXPECT_EQ(settle(), (Steps{P::kPrepare, P::kSwitchOn}));
}

TEST_F(VfMachineTest, HostTakesThePathAndThenTheVf) {
    bring_up();
    news.on_path_taken();
    associate(false);
    EXPECT_EQ(settle(), (Steps{P::kSwitchOff, P::kStop, P::kRelease}));
}

TEST_F(VfMachineTest, StoppedApplicationKeepsThePortHidden) {
    bring_up();
    machine.set_running(false);
    EXPECT_EQ(settle(), (Steps{P::kSwitchOff, P::kStop}));
    EXPECT_EQ(machine.stage(), S::kClaimed);
}

TEST_F(VfMachineTest, FailedStepIsNotRepeatedUntilSomethingChanges) {
    failing = P::kPrepare;
    associate(true);
    machine.set_running(true);
    EXPECT_EQ(settle(), (Steps{P::kClaim, P::kPrepare}));
    EXPECT_EQ(settle(), Steps{});
    failing = P::kNothing;
    associate(true);
    EXPECT_EQ(settle(), (Steps{P::kPrepare, P::kSwitchOn}));
}

TEST_F(VfMachineTest, HostThatDoesNotSwitchLeavesTheVfStopped) {
    failing = P::kSwitchOn;
    associate(true);
    machine.set_running(true);
    EXPECT_EQ(settle(), (Steps{P::kClaim, P::kPrepare, P::kSwitchOn, P::kStop}));
    EXPECT_EQ(machine.stage(), S::kClaimed);
}

// row: vf_port_appears
TEST_F(VfMachineTest, OfferWaitsForItsPort) {
    failing = P::kClaim;
    associate(true);
    EXPECT_EQ(settle(), Steps{P::kClaim});
    EXPECT_EQ(settle(), Steps{});
    failing = P::kNothing;
    machine.ports_changed();
    EXPECT_EQ(settle(), Steps{P::kClaim});
}

// row: vf_port_removed
TEST_F(VfMachineTest, LostPortIsGivenUpAndWaitedFor) {
    bring_up();
    machine.port_lost();
    failing = P::kClaim;
    EXPECT_EQ(settle(), (Steps{P::kSwitchOff, P::kStop, P::kRelease, P::kClaim}));
    EXPECT_EQ(machine.stage(), S::kNone);
}

TEST_F(VfMachineTest, NewConversationKeepsTheVfThatIsStillOffered) {
    bring_up();
    machine.set_running(false);
    settle();
    machine.forget();
    news.~VfNews();
    new (&news) VfNews();
    associate(true);
    EXPECT_EQ(settle(), Steps{});
    machine.set_running(true);
    EXPECT_EQ(settle(), (Steps{P::kPrepare, P::kSwitchOn}));
}

TEST(VfNews, SaysWhatTheHostSaidLast) {
    VfNews news;
    news.on_association(true, 0xFFFF'FFFF);
    news.on_association(true, 3);
    EXPECT_EQ(news.offer(), (VfOffer{true, 3, 1, 2}));
    news.on_path_taken();
    EXPECT_EQ(news.path_taken(), (PathTaken{1, 2}));
}

TEST(VfNews, CountsGoRound) {
    VfNews news;
    for (unsigned i = 0; i < 0x20000; ++i) news.on_association(i % 2 == 0, 1);
    EXPECT_EQ(news.offer(), (VfOffer{false, 1, 0, 0}));
}

}  // namespace
}  // namespace vmbus::netvsc
