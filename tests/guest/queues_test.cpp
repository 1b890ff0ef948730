// What an application may ask of several queues, and what it gets.
#include <rte_ip.h>
#include <rte_thash.h>

#include <algorithm>
#include <array>
#include <set>

#include "looped_port.hpp"
#include "support/rss_vectors.hpp"

namespace vmbus::guest {
namespace {

using Queues = LoopedPort;

constexpr std::size_t kEntries = 128;
using Table = std::array<rte_eth_rss_reta_entry64, kEntries / RTE_ETH_RETA_GROUP_SIZE>;

/// The table with every entry to `queue`.
Table all_to(std::uint16_t queue) {
    Table table{};
    for (auto& group : table) {
        group.mask = ~std::uint64_t{0};
        std::fill(std::begin(group.reta), std::end(group.reta), queue);
    }
    return table;
}

/// Frames by receive queue, as DPDK's own hash in software spreads flows with the key and the table
/// that the port tells.
std::map<std::uint16_t, unsigned> spread_in_software(std::uint16_t flows, unsigned each) {
    alignas(4) std::array<std::uint8_t, 40> key{};  // it is read in words
    rte_eth_rss_conf conf{.rss_key = key.data(), .rss_key_len = key.size(), .rss_hf = 0};
    EXPECT_EQ(rte_eth_dev_rss_hash_conf_get(0, &conf), 0);
    Table table = all_to(0);
    EXPECT_EQ(rte_eth_dev_rss_reta_query(0, table.data(), kEntries), 0);
    std::map<std::uint16_t, unsigned> frames;
    for (std::uint16_t flow = 0; flow < flows; ++flow) {
        auto hashed = hashed_of(flow);
        const std::size_t entry = rte_softrss(hashed.data(), hashed.size(), key.data()) % kEntries;
        frames[table[entry / RTE_ETH_RETA_GROUP_SIZE].reta[entry % RTE_ETH_RETA_GROUP_SIZE]] +=
            each;
    }
    return frames;
}

TEST_F(Queues, FlowsKeepTheirOrderOverFour) {
    set_up({.rx_queues = 4, .tx_queues = 4});
    const auto frames = exchange(64, 20);
    EXPECT_EQ(frames.size(), 64U * 20);
    EXPECT_TRUE(flows_whole(frames));
    EXPECT_EQ(by_queue(frames).size(), 4U);
}

// row: rx_hash
TEST_F(Queues, HashIsThatOfTheFlow) {
    set_up({.rx_queues = 4, .tx_queues = 1});
    std::map<std::uint16_t, std::set<std::uint32_t>> hashes;
    std::set<std::uint32_t> different;
    for (const Frame& frame : exchange(16, 4)) {
        EXPECT_TRUE(frame.has_hash);
        hashes[frame.flow].insert(frame.hash);
        different.insert(frame.hash);
    }
    ASSERT_EQ(hashes.size(), 16U);
    for (const auto& [flow, of_flow] : hashes) EXPECT_EQ(of_flow.size(), 1U) << flow;
    EXPECT_EQ(different.size(), 16U);
}

// row: reta_update
TEST_F(Queues, TableDecides) {
    set_up({.rx_queues = 4, .tx_queues = 4});
    Table table = all_to(2);
    ASSERT_EQ(rte_eth_dev_rss_reta_update(kPort, table.data(), kEntries), 0);
    EXPECT_EQ(by_queue(exchange(32, 1)), (std::map<std::uint16_t, unsigned>{{2, 32}}));
}

// defect: 4.4-9 fewer receive queues, as many channels: the old table goes on to name all of them
TEST_F(Queues, FewerReceiveQueuesGetAllFramesThoughTheChannelsStay) {
    set_up({.rx_queues = 4, .tx_queues = 4});
    EXPECT_EQ(by_queue(exchange(64, 1)).size(), 4U);
    set_up({.rx_queues = 2, .tx_queues = 4});
    const auto frames = exchange(64, 1);
    EXPECT_EQ(frames.size(), 64U);
    EXPECT_EQ(by_queue(frames).size(), 2U);
}

// row: configure_unchanged
// defect: 4.4-9 a new key is ignored while the number of queues stays
TEST_F(Queues, NewKeyAtConfigureIsUsed) {
    set_up({.rx_queues = 4, .tx_queues = 4});
    const auto before = exchange(1, 1);
    std::array<std::uint8_t, 40> key{};
    key.fill(0x5A);
    set_up({.rx_queues = 4, .tx_queues = 4, .key = key.data()});
    const auto after = exchange(1, 1);
    ASSERT_EQ(before.size() + after.size(), 2U);
    EXPECT_NE(before[0].hash, after[0].hash);
}

// row: rss_hash_update
// defect: 4.4-11 new hash types without a key reset the key
TEST_F(Queues, HashTypesWithoutAKeyLeaveTheKey) {
    std::array<std::uint8_t, 40> key{};
    key.fill(0x5A);
    set_up({.rx_queues = 4, .tx_queues = 4, .key = key.data()});
    rte_eth_rss_conf conf{.rss_key = nullptr, .rss_key_len = 0, .rss_hf = RTE_ETH_RSS_IPV4};
    ASSERT_EQ(rte_eth_dev_rss_hash_update(kPort, &conf), 0);
    std::array<std::uint8_t, 40> read{};
    conf = {.rss_key = read.data(), .rss_key_len = read.size(), .rss_hf = 0};
    ASSERT_EQ(rte_eth_dev_rss_hash_conf_get(kPort, &conf), 0);
    EXPECT_EQ(read, key);
    EXPECT_EQ(conf.rss_hf & RTE_ETH_RSS_NONFRAG_IPV4_TCP, 0U);
    EXPECT_EQ(by_queue(exchange(16, 1)).size(), 1U) << "one pair of addresses";
}

// defect: 4.4-11 xstats_reset fails without a virtual function
TEST_F(Queues, ExtendedStatisticsStartAnew) {
    set_up({.rx_queues = 2, .tx_queues = 2});
    exchange(8, 4);
    EXPECT_NE(xstats_ending("_copied_packets"), 0U);
    ASSERT_EQ(rte_eth_xstats_reset(kPort), 0);
    EXPECT_EQ(xstats_ending("_copied_packets"), 0U);
    EXPECT_EQ(xstat("rx_good_packets"), 0U);
}

TEST_F(Queues, DeferredQueueStartsWhenItIsAsked) {
    set_up({.rx_queues = 2, .tx_queues = 1, .deferred_rx = 1});
    Table table = all_to(1);
    ASSERT_EQ(rte_eth_dev_rss_reta_update(kPort, table.data(), kEntries), 0);
    ASSERT_EQ(rte_eth_dev_rx_queue_start(kPort, 1), 0);
    EXPECT_EQ(by_queue(exchange(4, 4)), (std::map<std::uint16_t, unsigned>{{1, 16}}));
    ASSERT_EQ(rte_eth_dev_rx_queue_stop(kPort, 1), 0);
    EXPECT_TRUE(receive(1).empty());
    ASSERT_EQ(rte_eth_dev_rx_queue_start(kPort, 1), 0);
    EXPECT_EQ(by_queue(exchange(4, 4)), (std::map<std::uint16_t, unsigned>{{1, 16}}));
}

TEST_F(Queues, LinkDownStopsFramesAndLinkUpLetsThemGo) {
    set_up({.rx_queues = 2, .tx_queues = 2});
    ASSERT_EQ(rte_eth_dev_set_link_down(kPort), 0);
    EXPECT_FALSE(send(0, 0, 0));
    ASSERT_EQ(rte_eth_dev_set_link_up(kPort), 0);
    EXPECT_EQ(exchange(8, 4).size(), 32U);
}

// row: configure_changed
TEST_F(Queues, ResetPortIsConfiguredAnewAndWorks) {
    set_up({.rx_queues = 4, .tx_queues = 4});
    EXPECT_EQ(exchange(8, 1).size(), 8U);
    stop();
    ASSERT_EQ(rte_eth_dev_reset(kPort), 0);
    set_up({.rx_queues = 3, .tx_queues = 3});
    EXPECT_EQ(exchange(8, 4).size(), 32U);
}

// row: dev_stop
TEST_F(Queues, FrameIsReceivedOrDroppedByNameWhenThePortStops) {
    set_up({.rx_queues = 4, .tx_queues = 4});
    const std::uint64_t dropped_before = xstats_ending("_unclaimed_drops");
    for (std::uint16_t flow = 0; flow < 64; ++flow) ASSERT_TRUE(send(flow, 0, flow % 4));
    ASSERT_TRUE(wait_for_waiting(64));
    const std::size_t received = receive(0).size() + receive(1).size();
    stop();
    EXPECT_EQ(received + xstats_ending("_unclaimed_drops") - dropped_before, 64U);
    start();
    EXPECT_EQ(exchange(8, 1).size(), 8U);
}

TEST_F(Queues, SixtyFour) {
    auto key = support::kRssKey;  // the key stays otherwise, and not every key is a good one
    set_up({.rx_queues = 64, .tx_queues = 64, .key = key.data()});
    const auto frames = exchange(512, 2);
    EXPECT_EQ(frames.size(), 1024U);
    EXPECT_TRUE(flows_whole(frames));
    EXPECT_EQ(by_queue(frames), spread_in_software(512, 2));
    // The hash is linear, and one to one on what of the ports changes here: no queue is left out.
    EXPECT_EQ(by_queue(frames).size(), 64U);
}

}  // namespace
}  // namespace vmbus::guest
