#include "host/channel_ids.hpp"

#include <gtest/gtest.h>

#include <set>

namespace vmbus {
namespace {

TEST(ChannelIds, ARelidThatWasGivenUpIsNotTheNextOne) {
    host::ChannelIds ids;
    const auto first = ids.take_relid();
    ids.give_back(*first, std::nullopt);
    EXPECT_NE(ids.take_relid(), first);
}

TEST(ChannelIds, RelidsAreDistinctUntilNoneIsLeft) {
    host::ChannelIds ids;
    std::set<std::uint32_t> taken;
    while (const auto relid = ids.take_relid()) EXPECT_TRUE(taken.insert(*relid).second);
    EXPECT_GT(taken.size(), 2000U);
    ids.give_back(100, std::nullopt);
    EXPECT_EQ(ids.take_relid(), 100U);
}

TEST(ChannelIds, MonitorBitsRunOut) {
    host::ChannelIds ids;
    std::set<unsigned> taken;
    while (const auto id = ids.take_monitor_id()) EXPECT_TRUE(taken.insert(*id).second);
    EXPECT_GT(taken.size(), 100U);
    EXPECT_LT(*taken.rbegin(), wire::kMonitorBits);
    ids.give_back(11, 64);
    EXPECT_EQ(ids.take_monitor_id(), 64U);
}

}  // namespace
}  // namespace vmbus
