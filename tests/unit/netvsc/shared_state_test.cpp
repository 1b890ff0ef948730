#include "net/netvsc/shared_state.hpp"

#include <gtest/gtest.h>

#include <utility>

#include <memory>
#include <thread>

namespace vmbus::netvsc {
namespace {

struct SharedStateTest : testing::Test {
    const std::unique_ptr<SharedState> shared = std::make_unique<SharedState>();
    PortFacts facts;
    PortFigures figures;
};

TEST_F(SharedStateTest, FitsTheBuildThatMadeIt) {
    EXPECT_TRUE(shared->fits());
}

TEST_F(SharedStateTest, PoolDriversAreOursWhileTheyHaveTheSameNumbers) {
    const PoolDrivers ours = PoolDrivers::here();
    EXPECT_TRUE(ours.are_ours());
    char& letter = rte_mempool_ops_table.ops[0].name[0];
    const char before = std::exchange(letter, 'X');
    EXPECT_FALSE(ours.are_ours());
    letter = before;
    ++rte_mempool_ops_table.num_ops;  // one more, behind them, is nobody's trouble
    EXPECT_TRUE(ours.are_ours());
    --rte_mempool_ops_table.num_ops;
}

TEST_F(SharedStateTest, MemoryOfAnotherBuildDoesNotFit) {
    auto bytes = std::make_unique<std::byte[]>(2 * sizeof(SharedState));
    void* place = bytes.get();
    std::size_t room = 2 * sizeof(SharedState);
    ASSERT_NE(std::align(alignof(SharedState), sizeof(SharedState), place, room), nullptr);
    EXPECT_FALSE(static_cast<const SharedState*>(place)->fits());
}

TEST_F(SharedStateTest, CopyIsWhatWasPublished) {
    shared->publish(PortFacts{.attached = true, .mtu = 1400});
    shared->publish(PortFigures{.alive = true, .lanes = 3});
    ASSERT_TRUE(shared->copy(facts, figures));
    EXPECT_TRUE(facts.attached);
    EXPECT_EQ(facts.mtu, 1400U);
    EXPECT_EQ(figures.lanes, 3U);
}

TEST_F(SharedStateTest, CopyIsOfOneMoment) {
    std::jthread primary([&](const std::stop_token& stop) {
        for (std::uint32_t i = 1; !stop.stop_requested(); ++i) {
            shared->publish(PortFacts{.mtu = i, .filter = i});
        }
    });
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(!shared->copy(facts, figures) || facts.mtu == facts.filter);
    }
}

}  // namespace
}  // namespace vmbus::netvsc
