// An lcore that sleeps in epoll until its receive queue has something. What kernel the program sees
// decides how interrupts are masked, and whether queues besides the first have any.
#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_interrupts.h>

#include <array>
#include <cerrno>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "bus/vmbus/kernel_release.hpp"
#include "looped_port.hpp"

namespace vmbus::guest {
namespace {

/// Only so that a lost wake-up ends the test; nothing is measured.
constexpr int kPatienceMs = 10'000;

/// What the driver was told of it (`rx_interrupts`), or else what the kernel is known for.
bool every_queue_has_one() {
    rte_eth_dev_info info{};
    EXPECT_EQ(rte_eth_dev_info_get(0, &info), 0);
    const rte_devargs* given = rte_dev_devargs(info.device);
    const std::string_view told = given == nullptr || given->args == nullptr ? "" : given->args;
    const auto is_told = [told](const char* word) {
        return told.find(std::string("rx_interrupts=") + word) != std::string_view::npos;
    };
    return is_told("all") || (!is_told("primary") &&
                              bus::kInterruptsSubChannels.is_in(bus::KernelRelease::running()));
}

class Sleeper : public LoopedPort {
protected:
    void set_up_to_sleep(std::uint16_t queues = 1) {
        set_up({.rx_queues = queues, .tx_queues = queues, .interrupts = true});
        for (std::uint16_t q = 0; q < (every_queue_has_one() ? queues : 1); ++q) {
            ASSERT_EQ(add(q), 0);
        }
    }
    static int add(std::uint16_t queue) {
        return rte_eth_dev_rx_intr_ctl_q(kPort, queue, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD,
                                         reinterpret_cast<void*>(std::uintptr_t{queue}));
    }
    static void enable(std::uint16_t queue = 0) {
        EXPECT_EQ(rte_eth_dev_rx_intr_enable(kPort, queue), 0);
    }
    /// The queue that woke us; nothing when none did.
    static std::optional<std::uint16_t> sleep() {
        rte_epoll_event event{};
        if (rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, kPatienceMs) != 1) {
            return std::nullopt;
        }
        const auto queue =
            static_cast<std::uint16_t>(reinterpret_cast<std::uintptr_t>(event.epdata.data));
        rte_eth_dev_rx_intr_disable(kPort, queue);
        return queue;
    }
    /// Sleeps until queue 0 has a frame: completions wake as well. False when nothing woke us.
    bool sleep_until_frame(std::uint16_t queue = 0) {
        while (receive(queue).empty()) {
            enable(queue);
            if (!sleep()) return false;
        }
        return true;
    }
    /// Somewhere between nothing and longer than the loop takes.
    void spin() {
        const auto rounds = random_() % 4000;
        for (volatile unsigned i = 0; i < rounds;) i = i + 1;
    }

private:
    std::mt19937 random_{20};
};

TEST_F(Sleeper, IsWokenByAFrame) {
    set_up_to_sleep();
    enable();
    ASSERT_TRUE(send(0, 0, 0));
    EXPECT_TRUE(sleep_until_frame());
}

TEST_F(Sleeper, IsWokenAtOnceByWhatWasThereBefore) {
    set_up_to_sleep();
    ASSERT_TRUE(send(0, 0, 0));
    ASSERT_TRUE(wait_for_waiting(1));
    enable();
    EXPECT_EQ(sleep(), 0);
    EXPECT_EQ(receive(0).size(), 1U);
    EXPECT_GT(xstat("rx_q0_wake_ups"), 0U);
}

/// The frame comes before, while and after the lcore falls asleep.
TEST_F(Sleeper, MissesNoneOfTenThousandSingleFrames) {
    set_up_to_sleep();
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        ASSERT_TRUE(send(0, i, 0)) << i;
        spin();
        ASSERT_TRUE(sleep_until_frame()) << "asleep for ever after frame " << i;
    }
}

TEST_F(Sleeper, MissesNoFrameThatItLookedForOnceMoreAfterItEnabled) {
    set_up_to_sleep();
    for (std::uint32_t i = 0; i < 2'000; ++i) {
        ASSERT_TRUE(send(0, i, 0)) << i;
        bool there = false;
        while (!there) {
            enable();
            spin();
            there = !receive(0).empty();
            ASSERT_TRUE(there || sleep()) << "asleep for ever after frame " << i;
        }
    }
}

/// The answer to a request lies in the same ring: whoever reads it finds the frame as well.
TEST_F(Sleeper, IsWokenByAFrameThatAControlRequestFound) {
    set_up_to_sleep();
    for (std::uint32_t i = 0; i < 200; ++i) {
        enable();
        ASSERT_TRUE(send(0, i, 0));
        ASSERT_EQ(
            i % 2 == 0 ? rte_eth_promiscuous_disable(kPort) : rte_eth_promiscuous_enable(kPort), 0);
        ASSERT_TRUE(sleep()) << i;
        ASSERT_TRUE(sleep_until_frame()) << i;
    }
}

TEST_F(Sleeper, EachOfFourQueuesWakesWithItsOwnFrames) {
    if (!every_queue_has_one()) GTEST_SKIP() << "not here";
    set_up_to_sleep(4);
    std::map<std::uint16_t, unsigned> frames;
    for (std::uint16_t flow = 0; flow < 64; ++flow) {
        for (std::uint16_t q = 0; q < 4; ++q) enable(q);
        ASSERT_TRUE(send(flow, 0, flow % 4));
        bool there = false;
        while (!there) {
            const auto queue = sleep();
            ASSERT_TRUE(queue) << flow;
            there = !receive(*queue).empty();
            frames[*queue] += there ? 1 : 0;
            if (!there) enable(*queue);
        }
    }
    EXPECT_EQ(frames.size(), 4U);
}

TEST_F(Sleeper, QueuesOnSubChannelsAreRefusedWhereTheyHaveNone) {
    if (every_queue_has_one()) GTEST_SKIP() << "all have one here";
    set_up_to_sleep(4);
    EXPECT_LT(add(1), 0);
    EXPECT_EQ(rte_eth_dev_rx_intr_enable(kPort, 1), -ENOTSUP);
    EXPECT_EQ(rte_eth_dev_rx_intr_disable(kPort, 3), -ENOTSUP);
    enable(0);
    EXPECT_EQ(exchange(16, 2).size(), 32U) << "they are polled";
}

TEST_F(Sleeper, PortWithoutInterruptsRefusesAndPolls) {
    set_up({.rx_queues = 1, .tx_queues = 1});
    EXPECT_LT(add(0), 0);
    EXPECT_EQ(rte_eth_dev_rx_intr_enable(kPort, 0), -ENOTSUP);
    EXPECT_EQ(exchange(4, 4).size(), 16U);
}

TEST_F(Sleeper, SleepsAgainAfterStopStartResetAndAnotherNumberOfQueues) {
    for (const std::uint16_t queues : std::to_array<std::uint16_t>({1, 2, 1})) {
        for (int i = 0; i < 2; ++i) {
            set_up_to_sleep(queues);
            enable();
            for (std::uint16_t flow = 0; flow < 8; ++flow) ASSERT_TRUE(send(flow, 0, 0));
            EXPECT_TRUE(sleep_until_frame());
            stop();
        }
        ASSERT_EQ(rte_eth_dev_reset(kPort), 0);
    }
}

}  // namespace
}  // namespace vmbus::guest
