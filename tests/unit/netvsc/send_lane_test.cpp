#include "net/netvsc/send_lane.hpp"

#include <gtest/gtest.h>

#include <array>

namespace vmbus::netvsc {
namespace {

SendTable table_of(std::uint32_t each) {
    SendTable table;
    table.fill(each);
    return table;
}

TEST(SendLane, QueuesGoAroundTheLanes) {
    for (std::uint16_t q = 0; q < kMaxQueues; ++q) {
        EXPECT_EQ(send_lane(q, 5, std::nullopt), q % 5);
    }
}

TEST(SendLane, HostsWishCountsForItsSixteenBuckets) {
    EXPECT_EQ(send_lane(0, 4, table_of(2)), 2);
    EXPECT_EQ(send_lane(15, 4, table_of(2)), 2);
    EXPECT_EQ(send_lane(16, 4, table_of(2)), 0) << "16 mod 4";
}

TEST(SendLane, ChannelThatIsNotThereIsReplaced) {
    EXPECT_EQ(send_lane(0, 4, table_of(63)), 3);
    EXPECT_EQ(send_lane(0, 1, table_of(63)), 0);
}

}  // namespace
}  // namespace vmbus::netvsc
