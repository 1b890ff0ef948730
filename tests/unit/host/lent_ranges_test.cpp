#include "host/lent_ranges.hpp"

#include <gtest/gtest.h>

namespace vmbus {
namespace {

using Ranges = host::LentRanges::Ranges;

TEST(LentRanges, OverlapWhatTheyShareAByteWith) {
    host::LentRanges lent;
    EXPECT_FALSE(lent.overlap({{100, 0}}));
    lent.lend(7, {{100, 1000}, {100, 5000}});
    EXPECT_TRUE(lent.overlap({{1, 1099}}));
    EXPECT_TRUE(lent.overlap({{100, 0}, {5000, 1}}));
    EXPECT_FALSE(lent.overlap({{100, 900}, {100, 1100}, {100, 5100}}));
}

TEST(LentRanges, AreFreeWhenTheirPacketIsReturned) {
    host::LentRanges lent;
    lent.lend(7, {{100, 1000}});
    EXPECT_FALSE(lent.give_back(8));
    EXPECT_TRUE(lent.give_back(7));
    EXPECT_FALSE(lent.overlap({{100, 1000}}));
    EXPECT_FALSE(lent.give_back(7));
}

TEST(LentRanges, AbsurdOnesDoNotWrap) {
    host::LentRanges lent;
    lent.lend(1, {{0xFFFFFFFF, 0xFFFFFFFF}});
    EXPECT_FALSE(lent.overlap({{16, 0}}));
    EXPECT_TRUE(lent.overlap({{0xFFFFFFFF, 8}}));
}

}  // namespace
}  // namespace vmbus
