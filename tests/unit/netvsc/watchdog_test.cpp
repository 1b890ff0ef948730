#include "net/netvsc/watchdog.hpp"

#include <gtest/gtest.h>

namespace vmbus::netvsc {
namespace {

using News = Watchdog::News;

News look_often(Watchdog& watchdog, unsigned times, std::uint32_t unread, std::uint32_t index,
                bool others_served = false) {
    News last = News::kNone;
    for (unsigned i = 0; i < times; ++i) last = watchdog.look(unread, index, others_served);
    return last;
}

TEST(Watchdog, AnIdleRingIsNoStall) {
    Watchdog watchdog;
    EXPECT_EQ(look_often(watchdog, 100, 0, 64, true), News::kNone);
    EXPECT_FALSE(watchdog.stalled());
}

TEST(Watchdog, AHostThatReadsIsNoStall) {
    Watchdog watchdog;
    for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(watchdog.look(64, i * 8, true), News::kNone);
}

TEST(Watchdog, BarksOnceWhenTheSamePacketsLieUnreadForLong) {
    Watchdog watchdog;
    EXPECT_EQ(look_often(watchdog, Watchdog::kPatience, 64, 8), News::kNone);
    EXPECT_EQ(watchdog.look(64, 8, false), News::kStalled);
    EXPECT_EQ(look_often(watchdog, 100, 64, 8), News::kNone);
    EXPECT_TRUE(watchdog.stalled());
    EXPECT_FALSE(watchdog.dead()) << "the host may be busy elsewhere";
}

TEST(Watchdog, SaysWhenTheHostIsBack) {
    Watchdog watchdog;
    look_often(watchdog, Watchdog::kPatience + 1, 64, 8);
    EXPECT_EQ(watchdog.look(64, 16, false), News::kBack);
    EXPECT_FALSE(watchdog.stalled());
    EXPECT_EQ(watchdog.look(64, 24, false), News::kNone);
}

TEST(Watchdog, AChannelThatIsPassedOverIsDeadAndThatIsNewsOnce) {
    Watchdog watchdog;
    EXPECT_EQ(look_often(watchdog, Watchdog::kPatience, 64, 8, true), News::kNone);
    EXPECT_EQ(watchdog.look(64, 8, true), News::kDead);
    EXPECT_TRUE(watchdog.stalled() && watchdog.dead());
    EXPECT_EQ(look_often(watchdog, 100, 64, 8, true), News::kNone);
}

TEST(Watchdog, AStalledChannelIsDeadOnceTheHostServesOthersForAWhile) {
    Watchdog watchdog;
    EXPECT_EQ(look_often(watchdog, Watchdog::kPatience + 1, 64, 8), News::kStalled);
    EXPECT_EQ(look_often(watchdog, Watchdog::kPassedOver - 1, 64, 8, true), News::kNone);
    EXPECT_EQ(watchdog.look(64, 8, true), News::kDead);
}

TEST(Watchdog, AHostThatComesBackToAllChannelsIsNotTakenForOneThatLeftOut) {
    Watchdog watchdog;
    look_often(watchdog, Watchdog::kPatience + 1, 64, 8);
    EXPECT_EQ(watchdog.look(64, 8, true), News::kNone) << "it came to the others first";
    EXPECT_EQ(watchdog.look(64, 16, true), News::kBack);
    EXPECT_EQ(look_often(watchdog, Watchdog::kPatience - 1, 64, 16), News::kNone);
    EXPECT_EQ(watchdog.look(64, 16, true), News::kStalled) << "what was before is forgotten";
}

TEST(Watchdog, ADeadChannelMayComeBack) {
    Watchdog watchdog;
    look_often(watchdog, Watchdog::kPatience + 1, 64, 8, true);
    EXPECT_EQ(watchdog.look(64, 16, true), News::kBack);
    EXPECT_FALSE(watchdog.dead() || watchdog.stalled());
}

TEST(Activity, IsReadingOurRingOrWritingItsOwn) {
    Activity activity;
    EXPECT_FALSE(activity.look(8, 8)) << "nobody knows since when";
    EXPECT_FALSE(activity.look(8, 8));
    EXPECT_TRUE(activity.look(16, 8));
    EXPECT_TRUE(activity.look(16, 24));
    EXPECT_FALSE(activity.look(16, 24));
}

}  // namespace
}  // namespace vmbus::netvsc
