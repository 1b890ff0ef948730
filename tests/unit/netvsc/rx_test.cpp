#include "net/netvsc/rx.hpp"

#include <gtest/gtest.h>
#include <rte_ether.h>

#include <array>

#include "mbufs.hpp"

namespace vmbus::netvsc::test {
namespace {

constexpr codec::PacketInfo kTagged{.has = codec::PacketInfo::kVlan, .vlan = 0x643};

struct RxTest : testing::Test {
    void start(const RxOptions& options = {}) { queue.start(*connected.session, options); }
    /// The frames of one burst.
    std::vector<Message> burst(std::uint16_t count = 32) {
        std::array<rte_mbuf*, 64> mbufs{};
        const auto n = queue.burst(mbufs.data(), count);
        std::vector<Message> frames;
        for (std::uint16_t i = 0; i < n; ++i) {
            frames.push_back(frame_bytes(mbufs[i]));
            last_flags = mbufs[i]->ol_flags;
            last_tci = mbufs[i]->vlan_tci;
            last_type = mbufs[i]->packet_type;
            last_segments = mbufs[i]->nb_segs;
        }
        rte_pktmbuf_free_bulk(mbufs.data(), n);
        return frames;
    }
    unsigned acks() {
        unsigned n = 0;
        while (end.take()) ++n;
        return n;
    }
    static Message frame_of(const Message& message, std::size_t head = 44) {
        return {message.begin() + static_cast<long>(head), message.end()};
    }
    std::uint64_t count(RxCount which) { return queue.counters()[which].value(); }

    Pool pool;
    Connected connected;
    HostEnd& end = connected.end;
    RxQueue queue{pool.get(), 0, 512};
    std::uint64_t last_flags = 0;
    std::uint16_t last_tci = 0;
    std::uint32_t last_type = 0;
    std::uint16_t last_segments = 0;
};

TEST_F(RxTest, FrameArrivesAsItWasSent) {
    start();
    end.deliver(5, data_message(1514, 3));
    EXPECT_EQ(burst(), Frames{frame_of(data_message(1514, 3))});
    EXPECT_EQ(acks(), 1U);
    EXPECT_EQ(count(RxCount::kPackets), 1U);
    EXPECT_EQ(count(RxCount::kBytes), 1514U);
}

TEST_F(RxTest, BurstStopsInThePacketAndGoesOnThere) {
    start();
    end.transfer({.id = 1,
                  .ranges = {end.piece(1, data_message(60, 1)), end.piece(2, data_message(60, 2)),
                             end.piece(3, data_message(60, 3))}});
    EXPECT_EQ(burst(2).size(), 2U);
    EXPECT_EQ(acks(), 0U) << "the host may not reuse the packet yet";
    EXPECT_EQ(burst(2), Frames{frame_of(data_message(60, 3))});
    EXPECT_EQ(acks(), 1U);
}

TEST_F(RxTest, SeveralMessagesInOneRangeAreSeveralFrames) {
    start();
    Message both = data_message(60, 1);
    const Message second = data_message(70, 2);
    both.insert(both.end(), second.begin(), second.end());
    both.resize(both.size() + 100);  // and padding behind them, as in a whole piece
    end.deliver(4, both);
    EXPECT_EQ(burst(1).size(), 1U);
    EXPECT_EQ(burst(9), Frames{frame_of(second)});
    burst();
    EXPECT_EQ(acks(), 1U);
    EXPECT_EQ(errors_of(queue.counters()), 0U);
}

TEST_F(RxTest, TagIsPutBackBehindTheAddresses) {
    start();
    end.deliver(1, data_message(60, 0, kTagged));
    Message expected = frame_of(data_message(60), 44);
    const std::byte tag[] = {std::byte{0x81}, std::byte{0}, std::byte{0x60}, std::byte{0x64}};
    expected.insert(expected.begin() + 12, std::begin(tag), std::end(tag));
    EXPECT_EQ(burst(), Frames{expected});
    EXPECT_EQ(last_flags & RTE_MBUF_F_RX_VLAN_STRIPPED, 0U);
    EXPECT_EQ(last_type & RTE_PTYPE_L2_MASK, std::uint32_t{RTE_PTYPE_L2_ETHER_VLAN});
}

TEST_F(RxTest, StrippedTagIsInTheMbuf) {
    start({.vlan_strip = true});
    end.deliver(1, data_message(60, 0, kTagged));
    EXPECT_EQ(burst().at(0).size(), 60U);
    EXPECT_NE(last_flags & RTE_MBUF_F_RX_VLAN_STRIPPED, 0U);
    EXPECT_EQ(last_tci, 0x6064);
}

struct Verdict {
    std::uint32_t word;
    std::uint64_t flags;
};

struct RxVerdict : RxTest {
    /// The flags of a frame of which the host says this.
    std::uint64_t flags_of(std::uint32_t word) {
        end.deliver(1,
                    data_message(60, 0, {.has = codec::PacketInfo::kChecksum, .checksum = word}));
        burst();
        acks();
        return last_flags;
    }
};

TEST_F(RxVerdict, OfTheHostIsReported) {
    start({.checksum_flags = RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK});
    for (const Verdict& each :
         {Verdict{0, RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN | RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN},
          Verdict{wire::kRxIpGood | wire::kRxTcpGood,
                  RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD},
          Verdict{wire::kRxIpBad, RTE_MBUF_F_RX_IP_CKSUM_BAD},
          Verdict{wire::kRxTcpBad, RTE_MBUF_F_RX_L4_CKSUM_BAD},
          Verdict{wire::kRxUdpBad | wire::kRxIpGood,
                  RTE_MBUF_F_RX_L4_CKSUM_BAD | RTE_MBUF_F_RX_IP_CKSUM_GOOD},
          Verdict{wire::kRxUdpGood, RTE_MBUF_F_RX_L4_CKSUM_GOOD},
          Verdict{wire::kRxIpGood | wire::kRxIpBad, RTE_MBUF_F_RX_IP_CKSUM_BAD}}) {
        EXPECT_EQ(flags_of(each.word), each.flags) << std::hex << each.word;
    }
}

TEST_F(RxVerdict, IsNotReportedUnasked) {
    start();
    EXPECT_EQ(flags_of(wire::kRxIpBad | wire::kRxTcpBad), 0U);
}

TEST_F(RxVerdict, IsReportedAsFarAsItWasAskedFor) {
    start({.checksum_flags = RTE_MBUF_F_RX_L4_CKSUM_MASK});
    EXPECT_EQ(flags_of(wire::kRxIpBad | wire::kRxTcpGood), RTE_MBUF_F_RX_L4_CKSUM_GOOD);
}

TEST_F(RxTest, FrameTooShortForItsTagIsDropped) {
    start();
    end.deliver(1, data_message(11, 0, kTagged));
    EXPECT_TRUE(burst().empty());
    EXPECT_EQ(count(RxCount::kBadVlan), 1U);
    EXPECT_EQ(acks(), 1U);
}

TEST_F(RxTest, MalformedFramesAreCountedAndTheGoodOnesArrive) {
    start();
    Message bad_data = data_message(60);
    base::store_at(bad_data, offsetof(wire::RndisPacket, data_offset), 0xFFFFFFF8U);
    Message bad_oob = data_message(60);
    base::store_at(bad_oob, offsetof(wire::RndisPacket, oob_count), 1U);
    end.transfer({.id = 1,
                  .ranges = {end.piece(1, bad_data), end.piece(2, data_message(60, 9)),
                             end.piece(3, bad_oob), end.piece(4, Message(20))}});
    EXPECT_EQ(burst(), Frames{frame_of(data_message(60, 9))});
    EXPECT_EQ(count(RxCount::kBadData), 1U);
    EXPECT_EQ(count(RxCount::kBadOob), 1U);
    EXPECT_EQ(count(RxCount::kShort), 1U);
    EXPECT_EQ(acks(), 1U);
}

TEST_F(RxTest, WithoutMbufsFramesStayWithTheHost) {
    start();
    std::vector<rte_mbuf*> taken(pool.free());
    ASSERT_EQ(
        rte_pktmbuf_alloc_bulk(&pool.get(), taken.data(), static_cast<unsigned>(taken.size())), 0);
    end.deliver(1, data_message(60));
    EXPECT_TRUE(burst().empty());
    EXPECT_EQ(count(RxCount::kNoMbuf), 1U);
    EXPECT_EQ(acks(), 0U);
    rte_pktmbuf_free_bulk(taken.data(), static_cast<unsigned>(taken.size()));
    EXPECT_EQ(burst().size(), 1U);
}

TEST_F(RxTest, RingThatSomebodyElseReadsGivesNothing) {
    start();
    end.deliver(1, data_message(60));
    {
        const Ownership other(connected.session->owner());
        EXPECT_TRUE(burst().empty());
    }
    EXPECT_EQ(burst().size(), 1U);
}

TEST_F(RxTest, DeadDeviceIsNotTouched) {
    start();
    end.deliver(1, data_message(60));
    connected.session->fail(Health::kRemoved);
    EXPECT_TRUE(burst().empty());
    EXPECT_EQ(connected.rig.half(1).page().out.load_relaxed() +
                  queue.counters()[RxCount::kPackets].value(),
              connected.rig.half(1).page().out.load_relaxed());
}

TEST(RxSmallMbufs, FrameLongerThanAnMbufIsDroppedAndCounted) {
    Pool pool(63, 512);
    Connected connected;
    RxQueue queue(pool.get(), 0, 512);
    queue.start(*connected.session, {});
    connected.end.deliver(1, data_message(513));
    rte_mbuf* mbuf = nullptr;
    EXPECT_EQ(queue.burst(&mbuf, 1), 0);
    EXPECT_EQ(queue.counters()[RxCount::kTooLong].value(), 1U);
}

TEST(RxSmallMbufs, WithScatterItIsAChain) {
    Pool pool(63, 512);
    Connected connected;
    RxQueue queue(pool.get(), 0, 512);
    queue.start(*connected.session, {.scatter = true});
    connected.end.deliver(1, data_message(1500, 4));
    rte_mbuf* mbuf = nullptr;
    ASSERT_EQ(queue.burst(&mbuf, 1), 1);
    EXPECT_EQ(mbuf->nb_segs, 3);
    EXPECT_EQ(mbuf->pkt_len, 1500U);
    const Message all = data_message(1500, 4);
    EXPECT_EQ(frame_bytes(mbuf), Message(all.begin() + 44, all.end()));
    rte_pktmbuf_free(mbuf);
}

}  // namespace
}  // namespace vmbus::netvsc::test
