#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <cerrno>

#include "mbufs.hpp"
#include "net/netvsc/rx.hpp"

namespace vmbus::netvsc::test {
namespace {

struct RxSleep : testing::Test {
    RxSleep() {
        EXPECT_EQ(queue.bell.open(), 0);
        queue.start(*connected.session, {});
    }
    bool rung() {
        pollfd file{.fd = queue.bell.fd(), .events = POLLIN, .revents = 0};
        return ::poll(&file, 1, 0) == 1;
    }
    std::size_t burst() {
        std::array<rte_mbuf*, 32> mbufs{};
        const auto n = queue.burst(mbufs.data(), 32);
        rte_pktmbuf_free_bulk(mbufs.data(), n);
        return n;
    }
    std::uint32_t mask() {
        return connected.session->channel().rx().memory().page().interrupt_mask.load_seq_cst();
    }

    Pool pool;
    Connected connected;
    HostEnd& end = connected.end;
    RxQueue queue{pool.get(), 0, 512};
};

TEST_F(RxSleep, EmptyRingIsUnmaskedAndTheBellSilent) {
    EXPECT_EQ(queue.enable_interrupt(), 0);
    EXPECT_EQ(mask(), 0U);
    EXPECT_FALSE(rung());
}

TEST_F(RxSleep, FrameThatIsThereAlreadyRingsAtOnce) {
    end.deliver(1, data_message(60));
    EXPECT_EQ(queue.enable_interrupt(), 0);
    EXPECT_TRUE(rung());
}

TEST_F(RxSleep, InterruptRingsOnceAndMasks) {
    queue.enable_interrupt();
    end.deliver(1, data_message(60));
    queue.answer_interrupt();
    EXPECT_TRUE(rung());
    EXPECT_EQ(mask(), 1U);
    queue.answer_interrupt();
    EXPECT_EQ(queue.bell.rings(), 1U);
}

TEST_F(RxSleep, InterruptOfAnotherChannelChangesNothing) {
    queue.enable_interrupt();
    queue.answer_interrupt();
    EXPECT_FALSE(rung());
    EXPECT_EQ(mask(), 0U);
}

// A kernel that masks at each event, and an lcore that has taken what the event was for.
TEST_F(RxSleep, SleeperWhomTheKernelMaskedIsWokenThoughTheRingIsEmpty) {
    queue.enable_interrupt();
    end.deliver(1, data_message(60));
    connected.session->channel().rx().memory().page().interrupt_mask.store_seq_cst(1);
    EXPECT_EQ(burst(), 1U);
    queue.answer_interrupt();
    EXPECT_TRUE(rung());
}

TEST_F(RxSleep, FrameThatAControlThreadFindsWakesTheSleeper) {
    queue.enable_interrupt();
    end.deliver(1, data_message(60));
    connected.session->link().poll();
    EXPECT_TRUE(rung());
    EXPECT_EQ(burst(), 1U);
}

TEST_F(RxSleep, NobodySleepsOnAFrameThatTheBurstHasLeft) {
    end.deliver(1, data_message(60));
    connected.session->link().poll();
    queue.enable_interrupt();
    EXPECT_TRUE(rung());
}

TEST_F(RxSleep, NobodySleepsWhileAnotherReadsTheRing) {
    ASSERT_TRUE(connected.session->owner().try_enter());
    queue.enable_interrupt();
    EXPECT_TRUE(rung());
    connected.session->owner().leave();
}

TEST_F(RxSleep, PacketsAreGivenBackBeforeTheSleep) {
    queue.stop();
    queue.start(*connected.session, {.ack_batch = 64});
    end.deliver(1, data_message(60));
    EXPECT_EQ(burst(), 1U);
    EXPECT_FALSE(end.take());
    queue.enable_interrupt();
    EXPECT_TRUE(end.take());
    EXPECT_FALSE(rung());
}

TEST_F(RxSleep, DisabledQueueIsMaskedAndNotWoken) {
    queue.enable_interrupt();
    queue.disable_interrupt();
    end.deliver(1, data_message(60));
    queue.answer_interrupt();
    EXPECT_FALSE(rung());
    EXPECT_EQ(mask(), 1U);
}

TEST_F(RxSleep, NothingComesFromADeadDevice) {
    connected.session->fail(Health::kRemoved);
    EXPECT_EQ(queue.enable_interrupt(), -ENODEV);
    EXPECT_TRUE(rung());
}

TEST_F(RxSleep, NothingComesFromALaneThatIsGivenUp) {
    connected.session->lane(0).set_given_up(true);
    EXPECT_EQ(queue.enable_interrupt(), -ENODEV);
    EXPECT_TRUE(rung());
}

TEST_F(RxSleep, StoppedQueueIsMaskedAndSleepsUntilItStarts) {
    queue.enable_interrupt();
    queue.stop();
    EXPECT_EQ(mask(), 1U);
    queue.bell.wake();
    EXPECT_FALSE(rung()) << "a stop disarms";
    EXPECT_EQ(queue.enable_interrupt(), 0);
}

}  // namespace
}  // namespace vmbus::netvsc::test
