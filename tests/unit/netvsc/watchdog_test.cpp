#include "net/netvsc/watchdog.hpp"

#include <gtest/gtest.h>

namespace vmbus::netvsc {
namespace {

using News = Watchdog::News;

News look_often(Watchdog& watchdog, unsigned times, std::uint32_t unread, std::uint32_t index) {
    News last = News::kNone;
    for (unsigned i = 0; i < times; ++i) last = watchdog.look(unread, index);
    return last;
}

TEST(Watchdog, AnIdleRingIsNoStall) {
    Watchdog watchdog;
    EXPECT_EQ(look_often(watchdog, 100, 0, 64), News::kNone);
    EXPECT_FALSE(watchdog.stalled());
}

TEST(Watchdog, AHostThatReadsIsNoStall) {
    Watchdog watchdog;
    for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(watchdog.look(64, i * 8), News::kNone);
}

TEST(Watchdog, BarksOnceWhenTheSamePacketsLieUnreadForLong) {
    Watchdog watchdog;
    EXPECT_EQ(look_often(watchdog, Watchdog::kPatience, 64, 8), News::kNone);
    EXPECT_EQ(watchdog.look(64, 8), News::kStalled);
    EXPECT_EQ(look_often(watchdog, 100, 64, 8), News::kNone);
    EXPECT_TRUE(watchdog.stalled());
}

TEST(Watchdog, SaysWhenTheHostIsBack) {
    Watchdog watchdog;
    look_often(watchdog, Watchdog::kPatience + 1, 64, 8);
    EXPECT_EQ(watchdog.look(64, 16), News::kBack);
    EXPECT_FALSE(watchdog.stalled());
    EXPECT_EQ(watchdog.look(64, 24), News::kNone);
}

TEST(Watchdog, AChannelThatIsGoneIsNewsOnce) {
    Watchdog watchdog;
    EXPECT_EQ(watchdog.look_in_vain(), News::kStalled);
    EXPECT_EQ(watchdog.look_in_vain(), News::kNone);
    EXPECT_TRUE(watchdog.stalled());
}

}  // namespace
}  // namespace vmbus::netvsc
