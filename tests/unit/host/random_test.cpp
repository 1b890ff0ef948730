#include "host/random.hpp"

#include <gtest/gtest.h>

namespace vmbus::host {
namespace {

TEST(Random, TheSameSeedGivesTheSameNumbers) {
    Random one(5);
    Random two(5);
    EXPECT_EQ(one.next(), two.next());
    EXPECT_NE(Random(5).next(), Random(6).next());
}

TEST(Random, AChanceIsNeverAndAlwaysAtItsEnds) {
    Random random(1);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_FALSE(random.chance(0));
        EXPECT_TRUE(random.chance(std::uint64_t{1} << 32));
    }
}

}  // namespace
}  // namespace vmbus::host
