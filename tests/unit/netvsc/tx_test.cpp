#include "net/netvsc/tx.hpp"

#include <gtest/gtest.h>
#include <rte_ethdev.h>

#include <cerrno>

#include "tx_rig.hpp"

namespace vmbus::netvsc::test {
namespace {

using TxTest = TxRig;

TEST_F(TxTest, SlotsRunOutAndComeBackWithTheirCompletions) {
    start();
    ASSERT_EQ(slots().capacity(), 12U);
    EXPECT_EQ(send(100, 1514), 35) << "32 packets in 11 messages of three, then the last slot";
    EXPECT_EQ(count(TxCount::kNoSlot), 1U);
    for (const auto& seen : take_all()) complete(seen);
    EXPECT_EQ(send(3, 1514), 3) << "a sender that nobody polls for reads the ring itself";
}

// row: tx_setup
TEST_F(TxTest, NoMoreOutstandingThanTheRingSizeSays) {
    TxQueue small(2);
    small.start(*connected.session, {.copybreak = 1536});
    std::vector<rte_mbuf*> packets;
    for (int i = 0; i < 12; ++i) packets.push_back(pool.frame(1514));
    EXPECT_EQ(small.burst(packets.data(), 12), 6);
    rte_pktmbuf_free_bulk(packets.data() + 6, 6);
}

// row: tx_completion
TEST_F(TxTest, FailureOfTheHostCountsEveryPacketOfTheMessage) {
    start();
    EXPECT_EQ(send(5, 60), 5);
    complete(*take(), wire::NvspStatus::kFailure);
    reap();
    EXPECT_EQ(count(TxCount::kHostFailed), 5U);
    EXPECT_EQ(slots().outstanding(), 0U);
}

// defect: 4.3-7 a second completion frees nothing
TEST_F(TxTest, CompletionTwiceIsCountedAndFreesOnce) {
    start({.copybreak = 0, .addresses_known = true});
    EXPECT_EQ(send(1, 1514), 1);
    const auto seen = take();
    complete(*seen);
    complete(*seen);
    reap();
    EXPECT_EQ(count(TxCount::kBadId), 1U);
    EXPECT_TRUE(pool.all());
}

TEST_F(TxTest, ForgedCompletionFreesNothing) {
    start({.copybreak = 0, .addresses_known = true});
    EXPECT_EQ(send(1, 1514), 1);
    const auto seen = take();
    for (const std::uint64_t id : {seen->id + 1, seen->id + 0x10000, seen->id | 0xFFFF}) {
        end.complete_rndis(id);
    }
    reap();
    EXPECT_EQ(count(TxCount::kBadId), 3U);
    EXPECT_EQ(slots().outstanding(), 1U);
}

// row: tx_one_signal
TEST_F(TxTest, OneSignalForTheWholeBurst) {
    start();
    const auto before = connected.session->channel().signals();
    EXPECT_EQ(send(64, 60), 64);
    EXPECT_EQ(connected.session->channel().signals() - before, 1U);
}

TEST_F(TxTest, SingleProducerModeLeavesABusyRingAlone) {
    start({.copybreak = 1536, .single_producer = true});
    {
        const Ownership other(connected.session->owner());
        EXPECT_EQ(send(1, 60), 0);
    }
    EXPECT_EQ(count(TxCount::kOwnerBusy), 1U);
    EXPECT_EQ(send(1, 60), 1);
}

TEST_F(TxTest, ForgedReadIndexStopsTheDevice) {
    start();
    while (connected.session->channel().send_in_band({}, 0, false) == ring::ReserveStatus::kOk) {
    }
    connected.rig.half(0).page().out.store_relaxed(kRingBytes + 4);
    EXPECT_EQ(send(1, 60), 0);
    EXPECT_EQ(connected.session->health().state(), Health::kBroken);
    EXPECT_EQ(send(1, 60), 0);
    EXPECT_EQ(connected.ring_counters[RingCount::kBadReadIndex].value(), 1U) << "counted once";
}

TEST_F(TxTest, DeadDeviceTakesNothing) {
    start();
    connected.session->fail(Health::kRemoved);
    EXPECT_EQ(send(1, 60), 0);
    EXPECT_FALSE(take());
    EXPECT_EQ(count(TxCount::kChannelLost), 0U);
}

TEST_F(TxTest, LostChannelTakesNothingAndSaysSo) {
    start();
    connected.session->lane(0).lose(tag_of_secondary(4242));
    EXPECT_EQ(send(1, 60), 0);
    EXPECT_FALSE(take());
    EXPECT_EQ(count(TxCount::kChannelLost), 1U);
}

TEST_F(TxTest, LaneThatIsGivenUpTakesNothingUntilTheHostIsBack) {
    start();
    connected.session->lane(0).set_given_up(true);
    EXPECT_EQ(send(1, 60), 0);
    EXPECT_FALSE(take());
    connected.session->lane(0).set_given_up(false);
    EXPECT_EQ(send(1, 60), 1);
}

// row: tx_done_cleanup
TEST_F(TxTest, CleaningUpFreesAsManyAsWasAskedOfWhatTheHostHasRead) {
    start({.copybreak = 0, .addresses_known = true});
    EXPECT_EQ(send(4, 1514), 4);
    EXPECT_EQ(queue.clean_up(0), 0U) << "the host has not read them";
    for (const auto& seen : take_all()) complete(seen);
    EXPECT_EQ(queue.clean_up(1), 1U);
    EXPECT_EQ(queue.clean_up(0), 3U);
    EXPECT_TRUE(pool.all());
    queue.stop();
    EXPECT_EQ(queue.clean_up(0), 0U);
}

// row: tx_descriptor_status
// defect: 4.4-20 a descriptor's state is that of the place that is asked about
TEST_F(TxTest, DescriptorsOfWhatTheHostHasAreFull) {
    start();
    const auto allowed = static_cast<std::uint16_t>(slots().capacity());
    EXPECT_EQ(queue.descriptor_status(0), RTE_ETH_TX_DESC_DONE);
    EXPECT_EQ(queue.descriptor_status(static_cast<std::uint16_t>(allowed - 1)),
              RTE_ETH_TX_DESC_DONE);
    EXPECT_EQ(send(1, 60), 1);
    EXPECT_EQ(queue.descriptor_status(static_cast<std::uint16_t>(allowed - 1)),
              RTE_ETH_TX_DESC_FULL);
    EXPECT_EQ(queue.descriptor_status(0), RTE_ETH_TX_DESC_DONE);
    EXPECT_EQ(queue.descriptor_status(allowed), RTE_ETH_TX_DESC_UNAVAIL);
    EXPECT_EQ(queue.descriptor_status(512), -EINVAL);
    complete_everything();
    EXPECT_EQ(queue.descriptor_status(static_cast<std::uint16_t>(allowed - 1)),
              RTE_ETH_TX_DESC_DONE);
}

}  // namespace
}  // namespace vmbus::netvsc::test
