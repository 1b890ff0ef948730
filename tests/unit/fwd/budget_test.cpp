#include "netvsc-fwd/budget.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace netvsc_fwd {
namespace {

TEST(Budget, WithoutACountThereIsNoEnd) {
    Budget budget(0);
    EXPECT_EQ(budget.take(32), 32);
    budget.done(1'000'000);
    EXPECT_FALSE(budget.spent());
}

TEST(Budget, GivesOutWhatIsLeftAndEndsWhenAllIsDone) {
    Budget budget(40);
    EXPECT_EQ(budget.take(32), 32);
    EXPECT_EQ(budget.take(32), 8);
    EXPECT_EQ(budget.take(32), 0);
    budget.give_back(5);
    EXPECT_EQ(budget.take(32), 5);
    budget.done(39);
    EXPECT_FALSE(budget.spent());
    budget.done(1);
    EXPECT_TRUE(budget.spent());
}

TEST(Budget, ThreadsTogetherGetNoMoreThanThereIs) {
    constexpr std::uint64_t kCount = 100'001;
    Budget budget(kCount);
    std::atomic<std::uint64_t> taken{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            while (const std::uint16_t got = budget.take(7)) {
                taken += got;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(taken, kCount);
}

}  // namespace
}  // namespace netvsc_fwd
