#include "base/shared.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace vmbus::base {
namespace {

using Word = Shared<std::uint32_t>;

static_assert(!std::is_copy_constructible_v<Word> && !std::is_copy_assignable_v<Word>,
              "a copy would be an unnamed access");
static_assert(!std::is_convertible_v<Word, std::uint32_t>, "so would be an implicit read");
static_assert(sizeof(Word) == 4 && std::is_standard_layout_v<Word>,
              "a mapped page is viewed as a struct of these");

TEST(Shared, EveryStoreIsSeenByEveryLoad) {
    Word word(1);
    EXPECT_EQ(word.load_relaxed(), 1U);
    word.store_relaxed(2);
    EXPECT_EQ(word.load_acquire(), 2U);
    word.store_release(3);
    EXPECT_EQ(word.load_seq_cst(), 3U);
    word.store_seq_cst(4);
    EXPECT_EQ(word.load_relaxed(), 4U);
}

TEST(Shared, ExchangeReturnsWhatWasThere) {
    Word word(1);
    EXPECT_EQ(word.exchange_acquire(2), 1U);
    EXPECT_EQ(word.exchange_seq_cst(3), 2U);
    EXPECT_EQ(word.load_relaxed(), 3U);
}

TEST(Shared, FetchOrKeepsTheOtherBits) {
    Word word(0b0101);
    EXPECT_EQ(word.fetch_or_seq_cst(0b0010), 0b0101U);
    EXPECT_EQ(word.load_relaxed(), 0b0111U);
}

TEST(Shared, AFailedCompareExchangeTellsWhatItSaw) {
    Word word(7);
    std::uint32_t expected = 6;
    EXPECT_FALSE(word.compare_exchange_weak_acq_rel(expected, 9));
    EXPECT_EQ(expected, 7U);
    expected = 5;
    EXPECT_FALSE(word.compare_exchange_weak_relaxed(expected, 9));
    EXPECT_EQ(expected, 7U);
    EXPECT_EQ(word.load_relaxed(), 7U);
}

TEST(Shared, CompareExchangeCountsExactlyFromTwoThreads) {
    Word word(0);
    const auto count = [&word] {
        for (int i = 0; i < 2000; ++i) {
            auto seen = word.load_relaxed();
            while (!word.compare_exchange_weak_acq_rel(seen, seen + 1)) cpu_pause();
        }
    };
    std::thread other(count);
    count();
    other.join();
    EXPECT_EQ(word.load_relaxed(), 4000U);
}

}  // namespace
}  // namespace vmbus::base
