#include "net/netvsc/tx_info.hpp"

#include <gtest/gtest.h>

#include "tx_rig.hpp"

namespace vmbus::netvsc::test {
namespace {

constexpr std::uint64_t kTcp4 = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM;
constexpr std::uint64_t kUdp6 = RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_UDP_CKSUM;

static_assert(checksum_word(kTcp4 | RTE_MBUF_F_TX_IP_CKSUM, 14, 20) == (0x15 | 34U << 16));
static_assert(checksum_word(kUdp6, 14, 40) == (0x0A | 54U << 16),
              "UDP is not TCP, whose flag is one of its bits");
static_assert(checksum_word(RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM, 14, 20) == 0x11);
static_assert(segmentation_word(RTE_MBUF_F_TX_IPV4, 1460, 14, 20) == 0x422005B4,
              "as in tests/golden/rndis_packet_tx_lso.hex");
static_assert(segmentation_word(RTE_MBUF_F_TX_IPV6, 1440, 14, 40) ==
              (1440U | 54U << 20 | 3U << 30));

struct TxInfoTest : TxRig {
    /// Addresses, the tag 0x6064, IPv4.
    rte_mbuf* tagged(std::uint16_t length = 200) {
        rte_mbuf* mbuf = pool.frame(length);
        const std::byte tag[] = {std::byte{0x81}, std::byte{0}, std::byte{0x60}, std::byte{0x64}};
        std::memcpy(rte_pktmbuf_mtod_offset(mbuf, std::byte*, 12), tag, sizeof tag);
        mbuf->l2_len = 18;
        mbuf->l3_len = 20;
        mbuf->ol_flags = kTcp4;
        return mbuf;
    }
    static Message without_tag(const rte_mbuf* mbuf) {
        Message all = frame_bytes(mbuf);
        all.erase(all.begin() + 12, all.begin() + 16);
        return all;
    }
    codec::PacketInfo sent_info(rte_mbuf* mbuf, Message* frame = nullptr) {
        EXPECT_EQ(send({mbuf}), 1);
        const auto seen = take();
        codec::PacketBounds bounds;
        codec::PacketInfo info;
        EXPECT_EQ(codec::parse_packet(seen->bytes, bounds, info), codec::RndisPacketError::kNone);
        if (frame != nullptr) *frame = frames(seen->bytes).at(0);
        complete(*seen);
        reap();
        return info;
    }
};

TEST_F(TxInfoTest, NothingAskedNothingSaid) {
    start();
    EXPECT_EQ(sent_info(pool.frame(60)).has, 0);
}

// row: tx_checksum
TEST_F(TxInfoTest, ChecksumTravelsInAnInfo) {
    start();
    rte_mbuf* mbuf = pool.frame(200);
    mbuf->l2_len = 14;
    mbuf->l3_len = 24;
    mbuf->ol_flags = kTcp4;
    const auto info = sent_info(mbuf);
    EXPECT_EQ(info.has, codec::PacketInfo::kChecksum);
    EXPECT_EQ(info.checksum, 0x05U | 38U << 16);
}

TEST_F(TxInfoTest, SegmentationTravelsInsteadOfTheChecksum) {
    start();
    for (const bool in_line : {false, true}) {
        rte_mbuf* mbuf = in_line ? tagged(300) : pool.frame(300);
        mbuf->l2_len = in_line ? 18 : 14;
        mbuf->l3_len = 20;
        mbuf->l4_len = 20;
        mbuf->tso_segsz = 100;
        mbuf->ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_SEG;
        const auto info = sent_info(mbuf);
        EXPECT_EQ(info.has, codec::PacketInfo::kLso | (in_line ? codec::PacketInfo::kVlan : 0));
        EXPECT_EQ(info.lso, 100U | 34U << 20 | 1U << 30) << "counted in the frame as it was sent";
    }
}

// row: tx_tag_in_line
// defect: 4.4-7 a tag in line does not count in the offset of the transport header
TEST_F(TxInfoTest, TagInLineMovesIntoTheInfoOfAPacketWithChecksums) {
    for (const TxOptions options :
         {TxOptions{.copybreak = 1536}, TxOptions{.copybreak = 0, .addresses_known = true}}) {
        start(options);
        rte_mbuf* mbuf = tagged();
        const Message expected = without_tag(mbuf);
        Message frame;
        const auto info = sent_info(mbuf, &frame);
        EXPECT_EQ(frame, expected);
        EXPECT_EQ(info.vlan, 0x643U);
        EXPECT_EQ(info.checksum, 0x05U | 34U << 16) << "counted in the frame as it was sent";
    }
    EXPECT_EQ(count(TxCount::kDirect), 1U);
}

TEST_F(TxInfoTest, PacketItselfKeepsItsTag) {
    start();
    rte_mbuf* mbuf = tagged();
    const Message before = frame_bytes(mbuf);
    rte_mbuf_refcnt_update(mbuf, 1);
    sent_info(mbuf);
    EXPECT_EQ(frame_bytes(mbuf), before);
    EXPECT_EQ(mbuf->l2_len, 18);
    rte_pktmbuf_free(mbuf);
}

TEST_F(TxInfoTest, TagInLineStaysWhereNoChecksumIsAsked) {
    start();
    rte_mbuf* mbuf = tagged();
    mbuf->ol_flags = 0;
    const Message expected = frame_bytes(mbuf);
    Message frame;
    EXPECT_EQ(sent_info(mbuf, &frame).has, 0);
    EXPECT_EQ(frame, expected);
}

TEST_F(TxInfoTest, SecondTagDoesNotReplaceTheFirst) {
    start();
    rte_mbuf* mbuf = tagged();
    mbuf->ol_flags |= RTE_MBUF_F_TX_VLAN;
    mbuf->vlan_tci = 7;
    const Message expected = frame_bytes(mbuf);
    Message frame;
    EXPECT_EQ(sent_info(mbuf, &frame).vlan, 7U << 4);
    EXPECT_EQ(frame, expected);
}

TEST_F(TxInfoTest, FrameInChainLosesItsTagToo) {
    start({.copybreak = 0, .addresses_known = true});
    rte_mbuf* mbuf = tagged(18);
    ASSERT_EQ(rte_pktmbuf_chain(mbuf, pool.frame(300, 9)), 0);
    const Message expected = without_tag(mbuf);
    Message frame;
    sent_info(mbuf, &frame);
    EXPECT_EQ(frame, expected);
}

}  // namespace
}  // namespace vmbus::netvsc::test
