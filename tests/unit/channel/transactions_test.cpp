#include "channel/transactions.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace vmbus::channel {
namespace {

class TransactionsTest : public testing::Test {
protected:
    Transactions<int> table_{7, 4};
};

TEST_F(TransactionsTest, ACompletionFindsItsValueOnce) {
    const auto id = table_.begin(42);
    ASSERT_TRUE(id);
    EXPECT_EQ(table_.outstanding(), 1U);
    EXPECT_EQ(table_.complete(*id), 42);
    EXPECT_EQ(table_.complete(*id), std::nullopt);
    EXPECT_EQ(table_.outstanding(), 0U);
}

TEST_F(TransactionsTest, CompletionsMayComeInAnyOrder) {
    const auto first = table_.begin(1);
    const auto second = table_.begin(2);
    EXPECT_EQ(table_.complete(*second), 2);
    EXPECT_EQ(table_.complete(*first), 1);
}

TEST_F(TransactionsTest, TakesCapacityAndNoMore) {
    std::set<std::uint64_t> ids;
    for (int i = 0; i < 4; ++i) ids.insert(*table_.begin(i));
    EXPECT_EQ(ids.size(), 4U);
    EXPECT_EQ(table_.available(), 0U);
    EXPECT_EQ(table_.begin(9), std::nullopt);
    EXPECT_TRUE(table_.complete(*ids.begin()));
    EXPECT_TRUE(table_.begin(9));
}

TEST_F(TransactionsTest, TheSlotThatComesNextIsKnownBeforeItIsTaken) {
    std::vector<std::uint64_t> ids;
    while (const auto next = table_.upcoming()) {
        ids.push_back(*table_.begin(0));
        EXPECT_EQ(ids.back() & 0xFFFF, *next);
    }
    EXPECT_EQ(ids.size(), 4U);
    table_.complete(ids[2]);
    EXPECT_EQ(table_.upcoming(), ids[2] & 0xFFFF);  // what was free last is still in the cache
}

TEST_F(TransactionsTest, AnIdIsNeverGivenOutAgainSoon) {
    std::set<std::uint64_t> ids;
    for (int i = 0; i < 1000; ++i) {
        const auto id = table_.begin(i);
        EXPECT_TRUE(ids.insert(*id).second);
        table_.complete(*id);
    }
}

TEST_F(TransactionsTest, ForgedIdsMatchNothing) {
    const std::uint64_t id = *table_.begin(1);
    EXPECT_EQ(table_.complete(id ^ 1), std::nullopt);           // a slot not in use
    EXPECT_EQ(table_.complete(id ^ 0xFFFF), std::nullopt);      // no such slot
    EXPECT_EQ(table_.complete(id ^ 1ULL << 16), std::nullopt);  // another generation
    EXPECT_EQ(table_.complete(id ^ 1ULL << 48), std::nullopt);  // another table
    EXPECT_EQ(table_.complete(0), std::nullopt);
    EXPECT_EQ(table_.complete(UINT64_MAX), std::nullopt);
    EXPECT_EQ(table_.complete(id), 1);
}

TEST_F(TransactionsTest, IdsOfTwoTablesDiffer) {
    Transactions<int> other(8, 4);
    const auto id = table_.begin(1);
    EXPECT_EQ(other.begin(2).has_value(), true);
    EXPECT_EQ(other.complete(*id), std::nullopt);
}

TEST_F(TransactionsTest, AbandonAllVisitsTheOutstandingOnesOnly) {
    const auto first = table_.begin(1);
    table_.begin(2);
    table_.begin(3);
    table_.complete(*first);
    std::vector<int> visited;
    table_.abandon_all([&visited](int value) { visited.push_back(value); });
    EXPECT_EQ(visited, (std::vector<int>{2, 3}));
    EXPECT_EQ(table_.available(), 4U);
}

TEST(Transactions, TheLargestTableUsesEverySlot) {
    Transactions<std::uint32_t> table(0, 65536);
    std::vector<std::uint64_t> ids;
    while (const auto id = table.begin(static_cast<std::uint32_t>(ids.size()))) ids.push_back(*id);
    ASSERT_EQ(ids.size(), 65536U);
    EXPECT_EQ(table.complete(ids[65535]), 65535U);
    EXPECT_EQ(table.complete(ids[0]), 0U);
}

TEST(Transactions, AnEmptyTableGivesNothingOut) {
    Transactions<int> table(0, 0);
    EXPECT_EQ(table.begin(1), std::nullopt);
    EXPECT_EQ(table.complete(1ULL << 16), std::nullopt);
}

}  // namespace
}  // namespace vmbus::channel
