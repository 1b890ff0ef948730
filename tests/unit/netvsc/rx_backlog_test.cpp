#include "net/netvsc/rx_backlog.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace vmbus::netvsc::test {
namespace {

/// Adds so many numbers, in as many runs as it takes; returns the runs.
int add_numbers(FlatQueue<int>& queue, std::uint32_t count, int& next) {
    int runs = 0;
    while (count != 0) {
        const auto run = queue.free_run();
        const std::uint32_t n =
            std::min<std::uint32_t>(count, static_cast<std::uint32_t>(run.size()));
        std::iota(run.begin(), run.begin() + n, next);
        next += static_cast<int>(n);
        queue.add(n);
        count -= n;
        ++runs;
    }
    return runs;
}

TEST(FlatQueue, RunsEndWhereTheArrayDoes) {
    FlatQueue<int> queue(8);
    int next = 0;
    EXPECT_EQ(add_numbers(queue, 6, next), 1);
    queue.pop(5);
    EXPECT_EQ(add_numbers(queue, 7, next), 2);
    EXPECT_EQ(queue.room(), 0U);
    EXPECT_EQ(queue.front_run().size(), 3U);
    for (int number = 5; number < 13; ++number) {
        ASSERT_EQ(queue.front_run()[0], number);
        queue.pop();
    }
    EXPECT_TRUE(queue.empty());
}

TEST(FlatQueue, FreeRunStopsBeforeTheFront) {
    FlatQueue<int> queue(8);
    int next = 0;
    add_numbers(queue, 8, next);
    queue.pop(6);
    add_numbers(queue, 2, next);
    EXPECT_EQ(queue.free_run().size(), 4U);
}

TEST(FlatQueue, EmptyQueueStartsOver) {
    FlatQueue<int> queue(8);
    int next = 0;
    add_numbers(queue, 5, next);
    queue.pop(5);
    EXPECT_EQ(queue.free_run().size(), 8U);
}

}  // namespace
}  // namespace vmbus::netvsc::test
