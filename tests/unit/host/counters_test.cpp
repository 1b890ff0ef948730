#include "host/counters.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace vmbus {
namespace {

TEST(Counters, CountsDropsByReason) {
    host::Counters counters;
    counters.drop(host::Drop::kRxAboveMtu);
    counters.drop(host::Drop::kRxAboveMtu, 4);
    EXPECT_EQ(counters.dropped(host::Drop::kRxAboveMtu), 5U);
    EXPECT_EQ(counters.dropped(host::Drop::kTxRefused), 0U);
}

TEST(Counters, ANicIsTheSumOfItsChannels) {
    host::Counters channel;
    channel.rx_packets = 3;
    channel.tx_frames_per_message[2] = 1;
    channel.drop(host::Drop::kTxLinkDown);
    host::NicCounters nic;
    nic += channel;
    nic += channel;
    EXPECT_EQ(nic.rx_packets, 6U);
    EXPECT_EQ(nic.tx_frames_per_message[2], 2U);
    EXPECT_EQ(nic.dropped(host::Drop::kTxLinkDown), 2U);
}

TEST(Counters, DropReasonsHaveDistinctNames) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < host::kDrops; ++i) {
        names.insert(to_string(static_cast<host::Drop>(i)));
    }
    EXPECT_EQ(names.size(), host::kDrops);
    EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace vmbus
