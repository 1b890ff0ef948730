#include "host/counters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
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

TEST(Counters, ATallyCountsAsOneByOne) {
    std::array<std::byte, 60> directed{};
    std::array<std::byte, 70> multicast{std::byte{1}};
    std::array<std::byte, 80> broadcast{};
    std::fill_n(broadcast.begin(), 6, std::byte{0xFF});
    host::ByKind kinds;
    host::ByKind one_by_one;
    host::KindTally tally(kinds);
    for (const base::Bytes frame : {base::Bytes(directed), base::Bytes(multicast),
                                    base::Bytes(broadcast), base::Bytes(directed)}) {
        tally.count(frame);
        one_by_one.count(frame);
    }
    EXPECT_EQ(tally.finish(), 60U + 70U + 80U + 60U);
    EXPECT_EQ(kinds.frames, one_by_one.frames);
    EXPECT_EQ(kinds.bytes, one_by_one.bytes);
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
