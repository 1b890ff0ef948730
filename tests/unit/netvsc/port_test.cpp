#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "net/netvsc/port_state.hpp"

namespace vmbus::netvsc {
namespace {

using S = PortState;
using P = PortStep;

/// Where these steps lead, one after the other.
std::optional<S> walk(S from, std::initializer_list<P> steps) {
    std::optional<S> state = from;
    for (const P step : steps) {
        state = state ? after(*state, step) : std::nullopt;
    }
    return state;
}

TEST(PortState, WholeLifeEndsClosed) {
    EXPECT_EQ(
        walk(S::kMapped, {P::kAttach, P::kConfigure, P::kStart, P::kStop, P::kDetach, P::kClose}),
        S::kClosed);
}

TEST(PortState, StartsAgainAfterAStop) {
    EXPECT_EQ(walk(S::kConfigured, {P::kStart, P::kStop, P::kStart}), S::kStarted);
}

TEST(PortState, NewMtuIsANewSession) {
    EXPECT_EQ(walk(S::kConfigured, {P::kDetach, P::kAttach, P::kConfigure}), S::kConfigured);
    EXPECT_EQ(walk(S::kStarted, {P::kDetach}), std::nullopt);
}

TEST(PortState, FailedProbeCanStillClose) {
    EXPECT_EQ(walk(S::kMapped, {P::kClose}), S::kClosed);
}

TEST(PortState, NothingStartsUnconfigured) {
    EXPECT_FALSE(after(S::kReady, P::kStart));
    EXPECT_FALSE(after(S::kMapped, P::kConfigure));
    EXPECT_FALSE(after(S::kStarted, P::kConfigure));
}

TEST(PortState, TableNamesEachStepOfAStateOnce) {
    std::set<std::pair<S, P>> seen;
    for (const PortTransition& t : kPortTransitions) {
        EXPECT_TRUE(seen.insert({t.from, t.step}).second);
    }
}

}  // namespace
}  // namespace vmbus::netvsc
