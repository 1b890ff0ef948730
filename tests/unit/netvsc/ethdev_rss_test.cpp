#include "net/netvsc/ethdev_rss.hpp"

#include <gtest/gtest.h>

#include <array>

namespace vmbus::netvsc {
namespace {

/// An update of a table of 100 entries that sets each selected one to `lane`.
std::array<rte_eth_rss_reta_entry64, 2> update(std::uint16_t lane, std::uint64_t mask = ~0ULL) {
    std::array<rte_eth_rss_reta_entry64, 2> groups{};
    for (auto& group : groups) {
        group.mask = mask;
        std::fill(std::begin(group.reta), std::end(group.reta), lane);
    }
    return groups;
}

// row: rss_types
TEST(EthdevRss, EachHashHasOneNameBothWays) {
    for (const HashName& name : kHashNames) {
        EXPECT_EQ(hash_types_of(name.flag), name.type);
        EXPECT_EQ(rss_flags_of(name.type), name.flag);
    }
    EXPECT_EQ(hash_types_of(RTE_ETH_RSS_L2_PAYLOAD), 0U);
}

TEST(EthdevRss, DefaultTableSpreadsEvenly) {
    EXPECT_EQ(even_table(5, 2), (std::vector<std::uint16_t>{0, 1, 0, 1, 0}));
}

TEST(EthdevRss, OnlySelectedEntriesChange) {
    auto table = even_table(100, 1);
    ASSERT_TRUE(update_table(table, update(3, 0b10).data(), 100, 4));
    EXPECT_EQ(table[0], 0);
    EXPECT_EQ(table[1], 3);
    EXPECT_EQ(table[65], 3);
    EXPECT_EQ(table[66], 0);
}

TEST(EthdevRss, EntryBeyondTheChannelsChangesNothing) {
    auto table = even_table(100, 1);
    EXPECT_FALSE(update_table(table, update(4).data(), 100, 4));
    EXPECT_EQ(table, even_table(100, 1));
}

TEST(EthdevRss, UpdateOfAnotherSizeChangesNothing) {
    auto table = even_table(100, 1);
    EXPECT_FALSE(update_table(table, update(1).data(), 64, 4));
    EXPECT_EQ(table, even_table(100, 1));
}

TEST(EthdevRss, TableOfAnotherSizeSpreadsTheSame) {
    const std::vector<std::uint16_t> table = {0, 3, 1};
    const auto larger = resized_table(table, 66);
    ASSERT_EQ(larger.size(), 2U);
    EXPECT_EQ(larger[0].mask, ~0ULL);
    EXPECT_EQ(larger[1].mask, 0b11ULL);
    EXPECT_EQ(larger[0].reta[4], 3);
    EXPECT_EQ(larger[1].reta[1], table[65 % 3]);
}

TEST(EthdevRss, TableIsReadWhereAskedFor) {
    auto groups = update(77, 0b10);
    read_table(even_table(100, 2), groups.data());
    EXPECT_EQ(groups[0].reta[0], 77);
    EXPECT_EQ(groups[0].reta[1], 1);
    EXPECT_EQ(groups[1].reta[1], 1);
}

}  // namespace
}  // namespace vmbus::netvsc
