#include "net/netvsc/tx_batch.hpp"

#include <gtest/gtest.h>

#include "tx_rig.hpp"

namespace vmbus::netvsc::test {
namespace {

using TxBatch = TxRig;
constexpr TxOptions kDirect{.copybreak = 0, .addresses_known = true};

// row: tx_aggregation
TEST_F(TxBatch, SmallPacketsShareMessagesUpToTheHostsLimit) {
    start();
    EXPECT_EQ(send(20, 60), 20);
    const auto seen = take_all();
    ASSERT_EQ(seen.size(), 3U) << "8 in one message, says the host";
    EXPECT_EQ(frames(seen[0].bytes).size(), 8U);
    EXPECT_EQ(frames(seen[2].bytes).size(), 4U);
    EXPECT_EQ(seen[0].type, wire::PacketType::kInBand);
    EXPECT_TRUE(pool.all()) << "what is copied is free at once";
}

TEST_F(TxBatch, ThreeFullFramesShareASection) {
    start();
    EXPECT_EQ(send(3, 1514), 3);
    EXPECT_EQ(take_all().size(), 1U);
}

TEST_F(TxBatch, OrderSurvivesTheChangeBetweenCopiesAndPages) {
    start({.copybreak = 100, .addresses_known = true});
    EXPECT_EQ(send({pool.frame(60, 1), pool.frame(500, 2), pool.frame(60, 3), pool.frame(60, 4)}),
              4);
    std::vector<Message> all;
    for (const auto& seen : take_all()) {
        for (const auto& frame : frames(seen.bytes)) all.push_back(frame);
    }
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[1].size(), 500U);
    EXPECT_EQ(all[2][0], std::byte{3});
}

// row: tx_pages
TEST_F(TxBatch, HeadLiesInASectionAndTheFrameInItsPages) {
    start(kDirect);
    rte_mbuf* frame = pool.frame(1514, 7);
    const Message expected = frame_bytes(frame);
    EXPECT_EQ(send({frame}), 1);
    const auto seen = take();
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->type, wire::PacketType::kGpaDirect);
    EXPECT_EQ(frames(seen->bytes), Frames{expected});
    EXPECT_FALSE(pool.all()) << "the host reads it in place";
    complete(*seen);
    reap();
    EXPECT_TRUE(pool.all());
}

TEST_F(TxBatch, EachSegmentIsARange) {
    start(kDirect);
    rte_mbuf* chain = pool.chain(5, 700);
    const Message expected = frame_bytes(chain);
    EXPECT_EQ(send({chain}), 1);
    const auto seen = take();
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->ranges, 5U);
    EXPECT_EQ(frames(seen->bytes), Frames{expected});
    complete(*seen);
    reap();
}

// defect: 4.4-16 a list of pages has a largest length, whatever the packet is made of
TEST_F(TxBatch, OfMoreSegmentsThanTheHostTakesTheFirstAreCopied) {
    start(kDirect);
    for (const unsigned segments : {32U, 33U, 36U}) {
        rte_mbuf* chain = pool.chain(segments, 1000);
        const Message expected = frame_bytes(chain);
        EXPECT_EQ(send({chain}), 1);
        const auto seen = take();
        EXPECT_LE(seen->ranges, 32U);
        EXPECT_EQ(frames(seen->bytes), Frames{expected}) << segments;
        complete(*seen);
        reap();
    }
    EXPECT_EQ(count(TxCount::kDirect), 3U);
}

TEST_F(TxBatch, SeveralChainsInOneBurstKeepTheirLists) {
    start(kDirect);
    const std::vector<rte_mbuf*> chains = {pool.chain(20, 500), pool.chain(33, 100),
                                           pool.chain(3, 900)};
    Frames expected;
    for (const rte_mbuf* chain : chains) expected.push_back(frame_bytes(chain));
    EXPECT_EQ(send(chains), 3);
    Frames sent;
    for (const auto& seen : take_all()) {
        sent.push_back(frames(seen.bytes).at(0));
        complete(seen);
    }
    EXPECT_EQ(sent, expected);
    reap();
}

// defect: 4.4-17 page numbers are of 64 bits
TEST_F(TxBatch, AddressesAbove16TebibytesArriveWhole) {
    start(kDirect);
    rte_mbuf* frame = pool.frame(1514);
    const rte_iova_t address = frame->buf_iova;
    rte_mbuf_iova_set(frame, 0x7FFF'1234'5000);
    rte_mbuf* const packet = frame;
    EXPECT_EQ(queue.burst(const_cast<rte_mbuf**>(&packet), 1), 1);
    const auto view = end.take();
    ASSERT_TRUE(view);
    Message list(view->gpa_list_size());
    ASSERT_TRUE(view->copy_gpa_list(0, list));
    EXPECT_EQ(base::load_at<std::uint64_t>(list, 8), 0x7'FFF1'2345U);
    rte_mbuf_iova_set(frame, address);
    end.complete_rndis(view->transaction_id());
    reap();
}

TEST_F(TxBatch, PacketThatFitsNowhereIsDroppedAndCounted) {
    start(kDirect);
    EXPECT_EQ(send({pool.chain(40, 1000), pool.frame(60)}), 2);
    EXPECT_EQ(count(TxCount::kTooLong), 1U);
    const auto seen = take_all();
    EXPECT_EQ(seen.size(), 1U);
    complete(seen[0]);
    reap();
}

TEST_F(TxBatch, WithoutAddressesLargePacketsAreCopied) {
    start({.copybreak = 0});
    EXPECT_EQ(send(1, 1514), 1);
    EXPECT_EQ(take()->type, wire::PacketType::kInBand);
}

TEST_F(TxBatch, MbufWithoutAnAddressIsCopied) {
    start(kDirect);
    rte_mbuf* frame = pool.frame(1514);
    const rte_iova_t address = frame->buf_iova;
    rte_mbuf_iova_set(frame, RTE_BAD_IOVA);
    rte_mbuf* const packet = frame;
    EXPECT_EQ(send({packet}), 1);
    rte_mbuf_iova_set(frame, address);
    EXPECT_EQ(count(TxCount::kCopied), 1U);
}

TEST_F(TxBatch, EmptyPacketIsDroppedAndCounted) {
    start();
    EXPECT_EQ(send({pool.frame(0), pool.frame(60)}), 2);
    EXPECT_EQ(count(TxCount::kEmpty), 1U);
    EXPECT_EQ(count(TxCount::kPackets), 1U);
}

TEST_F(TxBatch, LengthThatTheSegmentsDoNotHaveIsDropped) {
    start();
    rte_mbuf* liar = pool.frame(60);
    liar->pkt_len = 1500;
    EXPECT_EQ(send({liar}), 1);
    EXPECT_EQ(count(TxCount::kEmpty), 1U);
    EXPECT_FALSE(take());
}

TEST_F(TxBatch, TagToBeInsertedTravelsInAnInfo) {
    start();
    rte_mbuf* frame = pool.frame(60);
    frame->ol_flags = RTE_MBUF_F_TX_VLAN;
    frame->vlan_tci = 0x6064;
    EXPECT_EQ(send({frame}), 1);
    codec::PacketBounds bounds;
    codec::PacketInfo info;
    ASSERT_EQ(codec::parse_packet(take()->bytes, bounds, info), codec::RndisPacketError::kNone);
    EXPECT_EQ(info.vlan, 0x643U);
}

// defect: 4.4-2 what was not sent holds no descriptor
TEST_F(TxBatch, FullRingTakesWholeMessagesOnlyAndLeavesTheRestToTheCaller) {
    start();
    for (unsigned round = 1; round <= 3; ++round) {
        leave_room_for_messages(2);
        EXPECT_EQ(send(30, 60), 16) << "two messages of 8";
        EXPECT_TRUE(pool.all()) << "what was copied or refused is free";
        EXPECT_EQ(slots().outstanding(), 2U) << "what was not sent holds no slot";
        EXPECT_EQ(complete_everything(), 2U);
        EXPECT_EQ(count(TxCount::kRingFull), round);
    }
}

// defect: 4.4-1 a packet is freed only when it counts as taken
TEST_F(TxBatch, RefusedPacketsOfPagesAreStillTheCallers) {
    start(kDirect);
    leave_room_for_messages(0);
    rte_mbuf* frame = pool.frame(1514);
    EXPECT_EQ(queue.burst(&frame, 1), 0);
    EXPECT_EQ(rte_mbuf_refcnt_read(frame), 1);
    EXPECT_EQ(slots().outstanding(), 0U);
    rte_pktmbuf_free(frame);
}

}  // namespace
}  // namespace vmbus::netvsc::test
