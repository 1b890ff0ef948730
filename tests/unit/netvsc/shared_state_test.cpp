#include "net/netvsc/shared_state.hpp"

#include <gtest/gtest.h>
#include <rte_pause.h>
#include <sys/mman.h>

#include <memory>
#include <new>
#include <thread>
#include <utility>

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
            for (int pause = 0; pause < 1000; ++pause) rte_pause();
        }
    });
    int copies = 0;
    for (int i = 0; i < 1000; ++i) {
        if (shared->copy(facts, figures)) {
            ++copies;
            ASSERT_EQ(facts.mtu, facts.filter);
        }
    }
    EXPECT_GT(copies, 0);
}

// A process that is killed while it looks must not hold up the one that makes the ports.
TEST_F(SharedStateTest, WhoLooksWritesNothing) {
    void* const memory = ::mmap(nullptr, sizeof(SharedState), PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    auto* const primarys = new (memory) SharedState;
    primarys->publish(PortFacts{.mtu = 1400});
    ASSERT_EQ(::mprotect(memory, sizeof(SharedState), PROT_READ), 0);
    EXPECT_TRUE(primarys->copy(facts, figures));
    EXPECT_EQ(facts.mtu, 1400U);
    ::munmap(memory, sizeof(SharedState));
}

}  // namespace
}  // namespace vmbus::netvsc
