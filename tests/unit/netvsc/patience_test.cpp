#include "net/netvsc/patience.hpp"

#include <gtest/gtest.h>

namespace vmbus::netvsc {
namespace {

using namespace std::chrono_literals;

TEST(Patience, EndsWithWhatWasWaitedFor) {
    int looks = 0;
    EXPECT_TRUE(done_within(1h, [&] { return ++looks == 3; }));
    EXPECT_EQ(looks, 3);
}

TEST(Patience, LooksOnceEvenWithoutTime) {
    EXPECT_TRUE(done_within(0ms, [] { return true; }));
    EXPECT_FALSE(done_within(0ms, [] { return false; }));
}

TEST(Patience, EndsWithItsTime) {
    EXPECT_FALSE(done_within(1ms, [] { return false; }));
}

}  // namespace
}  // namespace vmbus::netvsc
