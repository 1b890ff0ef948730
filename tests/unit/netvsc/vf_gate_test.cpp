#include "net/netvsc/vf_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace vmbus::netvsc {
namespace {

TEST(VfGate, ClosedGateLetsNobodyIn) {
    VfGate gate;
    VfQueue to;
    EXPECT_FALSE(gate.looks_open());
    EXPECT_FALSE(gate.enter(to));
    EXPECT_TRUE(gate.empty());
}

TEST(VfGate, OpenGateNamesPortAndQueue) {
    VfGate gate;
    gate.open({.port = 0xFFFF, .queue = 1023});
    VfQueue to;
    ASSERT_TRUE(gate.enter(to));
    EXPECT_EQ(to.port, 0xFFFF);
    EXPECT_EQ(to.queue, 1023);
}

TEST(VfGate, IsEmptyOnlyWhenTheLastBurstHasLeft) {
    VfGate gate;
    gate.open({.port = 0, .queue = 0});
    VfQueue to;
    ASSERT_TRUE(gate.enter(to));
    gate.close();
    EXPECT_FALSE(gate.empty());
    gate.leave();
    EXPECT_TRUE(gate.empty());
    EXPECT_FALSE(gate.enter(to));
}

/// The plain word stands for the VF: under TSan a burst that is still inside is a race.
TEST(VfGate, NobodyTouchesTheVfOnceItIsEmpty) {
    VfGate gate;
    std::uint64_t vf = 0;
    std::atomic<std::uint64_t> entered{0};
    std::jthread lcore([&](const std::stop_token& stop) {
        for (VfQueue to; !stop.stop_requested();) {
            if (!gate.enter(to)) {
                std::this_thread::yield();
                continue;
            }
            EXPECT_EQ(vf % 2, 1U) << "stopped while inside";
            vf += 2;
            gate.leave();
            entered.fetch_add(1, std::memory_order_relaxed);
        }
    });
    for (int round = 0; round < 30; ++round) {
        vf |= 1;
        const auto before = entered.load(std::memory_order_relaxed);
        gate.open({.port = 3, .queue = 0});
        while (entered.load(std::memory_order_relaxed) == before) std::this_thread::yield();
        gate.close();
        while (!gate.empty()) std::this_thread::yield();
        vf &= ~std::uint64_t{1};
    }
}

}  // namespace
}  // namespace vmbus::netvsc
