#include "netvsc-fwd/expectation.hpp"

#include <gtest/gtest.h>

namespace netvsc_fwd {
namespace {

TEST(Expectation, OfNothingIsAlwaysMet) {
    EXPECT_FALSE(missed({}, {.packets = 0, .lost = 7, .seconds = 1}));
}

TEST(Expectation, RateIsOverTheWholeRun) {
    const Expectation expected{.min_pps = 100};
    EXPECT_FALSE(missed(expected, {.packets = 200, .seconds = 2}));
    EXPECT_TRUE(missed(expected, {.packets = 199, .seconds = 2}));
}

TEST(Expectation, OneLostPacketIsOneTooMany) {
    const Expectation expected{.zero_loss = true};
    EXPECT_FALSE(missed(expected, {.packets = 5, .seconds = 1}));
    EXPECT_EQ(missed(expected, {.packets = 5, .lost = 1, .seconds = 1}),
              "expected no loss, lost 1 packets");
}

}  // namespace
}  // namespace netvsc_fwd
