#include "host/pace.hpp"

#include <gtest/gtest.h>

namespace vmbus::host {
namespace {

using namespace std::chrono_literals;

TEST(Pace, WithoutARateEverythingIsAllowed) {
    Pace pace(std::nullopt);
    EXPECT_EQ(pace.allowed({}), UINT64_MAX);
}

class PaceOfAThousand : public ::testing::Test {
protected:
    PaceOfAThousand() { pace_.start(start_); }

    Pace pace_{1000};
    const Pace::TimePoint start_{100s};
};

TEST_F(PaceOfAThousand, AllowsWhatTheTimeGives) {
    EXPECT_EQ(pace_.allowed(start_), 0U);
    EXPECT_EQ(pace_.allowed(start_ + 50ms), 50U);
}

TEST_F(PaceOfAThousand, WhatWasTakenIsGone) {
    pace_.took(pace_.allowed(start_ + 50ms));
    EXPECT_EQ(pace_.allowed(start_ + 50ms), 0U);
    EXPECT_EQ(pace_.allowed(start_ + 60ms), 10U);
}

TEST_F(PaceOfAThousand, OwesATenthOfASecondAtMost) {
    EXPECT_EQ(pace_.allowed(start_ + 10s), 101U);
}

TEST_F(PaceOfAThousand, AStartInTheFutureAllowsNothingYet) {
    pace_.start(start_ + 1s);
    EXPECT_EQ(pace_.allowed(start_), 0U);
}

}  // namespace
}  // namespace vmbus::host
