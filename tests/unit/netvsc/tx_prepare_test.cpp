#include "net/netvsc/tx_prepare.hpp"

#include <gtest/gtest.h>
#include <rte_errno.h>
#include <rte_ip.h>

#include "net/netvsc/control/offloads.hpp"
#include "tx_rig.hpp"

namespace vmbus::netvsc::test {
namespace {

constexpr std::uint8_t kAll = kChecksumIpv4 | kChecksumTcp | kChecksumUdp;
constexpr std::uint64_t kTcp4 = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM;
constexpr std::uint64_t kUdp4 = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_UDP_CKSUM;
constexpr std::uint64_t kIp4 = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
constexpr std::uint64_t kTcp6 = RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_TCP_CKSUM;

struct TxPrepare : testing::Test {
    TxPrepare() { reset(kTcp4); }
    ~TxPrepare() override { rte_pktmbuf_free(packet); }

    /// A frame of 100 bytes whose headers fit these flags.
    void reset(std::uint64_t flags) {
        rte_pktmbuf_free(packet);
        packet = pool.frame(100);
        const bool v6 = (flags & RTE_MBUF_F_TX_IPV6) != 0;
        packet->ol_flags = flags;
        packet->l2_len = 14;
        packet->l3_len = v6 ? 40 : 20;
        *byte_at(14) = v6 ? 0x60 : 0x45;
        say_length(v6);
    }
    void say_length(bool v6) {
        const auto length =
            rte_cpu_to_be_16(static_cast<std::uint16_t>(packet->pkt_len - (v6 ? 54 : 14)));
        std::memcpy(byte_at(v6 ? 18 : 16), &length, sizeof length);
    }
    std::uint8_t* byte_at(std::uint32_t offset) {
        return rte_pktmbuf_mtod_offset(packet, std::uint8_t*, offset);
    }
    int prepare(std::uint8_t checksums = kAll) {
        return prepare_packet(*packet, {.checksums = checksums});
    }

    Pool pool;
    rte_mbuf* packet = nullptr;
};

TEST_F(TxPrepare, TakesWhatTheHostDoes) {
    for (const std::uint64_t flags : {kTcp4, kUdp4, kIp4, kTcp6, kIp4 | kTcp4}) {
        reset(flags);
        EXPECT_EQ(prepare(), 0) << std::hex << flags;
    }
}

TEST_F(TxPrepare, PutsTheSumOfThePseudoHeaderIntoTheFrame) {
    EXPECT_EQ(prepare(), 0);
    const auto* ip = rte_pktmbuf_mtod_offset(packet, const rte_ipv4_hdr*, 14);
    EXPECT_EQ(*rte_pktmbuf_mtod_offset(packet, std::uint16_t*, 34 + 16),
              rte_ipv4_phdr_cksum(ip, 0));
}

TEST_F(TxPrepare, LeavesAPacketAloneThatAsksNothing) {
    packet->ol_flags = RTE_MBUF_F_TX_VLAN;
    packet->l2_len = 3;
    const Message before = frame_bytes(packet);
    EXPECT_EQ(prepare(0), 0);
    EXPECT_EQ(frame_bytes(packet), before);
}

TEST_F(TxPrepare, RefusesWhatIsNotSwitchedOn) {
    EXPECT_EQ(prepare(kAll & ~kChecksumTcp), ENOTSUP);
    reset(kUdp4);
    EXPECT_EQ(prepare(kAll & ~kChecksumUdp), ENOTSUP);
    reset(kIp4);
    EXPECT_EQ(prepare(kAll & ~kChecksumIpv4), ENOTSUP);
}

TEST_F(TxPrepare, RefusesFlagsThatNoHostHas) {
    for (const std::uint64_t flag :
         {std::uint64_t{RTE_MBUF_F_TX_TCP_SEG}, std::uint64_t{RTE_MBUF_F_TX_SCTP_CKSUM},
          std::uint64_t{RTE_MBUF_F_TX_OUTER_IP_CKSUM}, std::uint64_t{RTE_MBUF_F_TX_QINQ},
          std::uint64_t{RTE_MBUF_F_TX_TUNNEL_VXLAN}}) {
        reset(RTE_MBUF_F_TX_IPV4 | flag);
        EXPECT_EQ(prepare(), ENOTSUP) << std::hex << flag;
    }
}

TEST_F(TxPrepare, RefusesFlagsWithoutOneFamily) {
    reset(RTE_MBUF_F_TX_TCP_CKSUM);
    EXPECT_EQ(prepare(), EINVAL);
    reset(kTcp4 | RTE_MBUF_F_TX_IPV6);
    EXPECT_EQ(prepare(), EINVAL);
    reset(kTcp6 | RTE_MBUF_F_TX_IP_CKSUM);
    EXPECT_EQ(prepare(), EINVAL);
}

TEST_F(TxPrepare, RefusesLengthsThatContradictTheFrame) {
    packet->l3_len = 16;
    EXPECT_EQ(prepare(), EINVAL);
    packet->l3_len = 24;  // the header says 20
    EXPECT_EQ(prepare(), EINVAL);
    reset(kTcp4);
    *byte_at(14) = 0x65;
    EXPECT_EQ(prepare(), EINVAL);
    reset(kTcp4);
    rte_pktmbuf_trim(packet, 50);  // ends within the TCP header
    EXPECT_EQ(prepare(), EINVAL);
}

TEST_F(TxPrepare, RefusesLinkHeadersThatHostsDoNotKnow) {
    for (const std::uint64_t length : {0U, 12U, 18U, 22U}) {
        reset(kTcp4);
        packet->l2_len = length & 0x7F;
        EXPECT_EQ(prepare(), ENOTSUP) << length;
    }
}

TEST_F(TxPrepare, TakesATagInLineButNoSecondOne) {
    const std::uint8_t tag[] = {0x81, 0, 0x60, 0x64, 0x08, 0, 0x45};
    std::memcpy(byte_at(12), tag, sizeof tag);
    packet->l2_len = 18;
    EXPECT_EQ(prepare(), 0);
    packet->ol_flags |= RTE_MBUF_F_TX_VLAN;
    EXPECT_EQ(prepare(), ENOTSUP);
}

TEST_F(TxPrepare, RefusesIpv6ExtensionHeaders) {
    reset(kTcp6);
    packet->l3_len = 48;
    EXPECT_EQ(prepare(), ENOTSUP);
}

TEST_F(TxPrepare, RefusesHeadersThatAreCut) {
    rte_pktmbuf_trim(packet, 60);
    ASSERT_EQ(rte_pktmbuf_chain(packet, pool.frame(60)), 0);
    EXPECT_EQ(prepare(), ENOTSUP);
}

// defect: 4.4-16 more segments than nb_seg_max announces
TEST_F(TxPrepare, RefusesMoreSegmentsThanAHostMaps) {
    rte_pktmbuf_free(packet);
    packet = pool.chain(33, 100);
    EXPECT_EQ(prepare(), EINVAL);
}

TEST_F(TxPrepare, RefusesAFrameLongerThanAHostTakes) {
    EXPECT_EQ(prepare_packet(*packet, {.checksums = kAll, .max_frame = 99}), EINVAL);
    EXPECT_EQ(prepare_packet(*packet, {.checksums = kAll, .max_frame = 100}), 0);
}

TEST_F(TxPrepare, ComputesTheSumThatTheHostHasForTheOtherIpVersionOnly) {
    reset(kTcp6);
    EXPECT_EQ(prepare_packet(*packet, {.checksums = kChecksumTcp4, .software = kChecksumTcp6}), 0);
    EXPECT_EQ(packet->ol_flags & RTE_MBUF_F_TX_L4_MASK, 0U) << "the host is not asked";
    const auto* ip = rte_pktmbuf_mtod_offset(packet, const rte_ipv6_hdr*, 14);
    EXPECT_EQ(rte_ipv6_udptcp_cksum_mbuf_verify(packet, ip, 54), 0);
    reset(kTcp6);
    *byte_at(19) += 1;
    EXPECT_EQ(prepare_packet(*packet, {.software = kChecksumTcp6}), EINVAL) << "longer than it is";
}

struct TxSegmentation : TxPrepare {
    static constexpr TxAbilities kCan{.checksums = kAll,
                                      .lso_ipv4 = {.max_bytes = 3000, .min_segments = 2},
                                      .lso_ipv6 = {.max_bytes = 3000, .min_segments = 2}};
    /// A TCP frame to be cut at `mss` bytes.
    void large(std::uint16_t length, std::uint16_t mss, bool v6 = false) {
        reset(RTE_MBUF_F_TX_TCP_SEG |
              (v6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM));
        while (packet->pkt_len < length) {
            const auto part = std::min<std::uint32_t>(length - packet->pkt_len, 1000);
            ASSERT_EQ(rte_pktmbuf_chain(packet, pool.frame(static_cast<std::uint16_t>(part))), 0);
        }
        say_length(v6);
        packet->l4_len = 20;
        packet->tso_segsz = mss;
        *byte_at(14U + packet->l3_len + 12) = 5 << 4;
    }
    int prepare(const TxAbilities& can = kCan) { return prepare_packet(*packet, can); }
};

TEST_F(TxSegmentation, LeavesLengthsAndSumsToTheHost) {
    large(2900, 1000);
    const auto* ip = rte_pktmbuf_mtod_offset(packet, const rte_ipv4_hdr*, 14);
    EXPECT_EQ(prepare(), 0);
    EXPECT_EQ(ip->total_length, 0);
    EXPECT_EQ(ip->hdr_checksum, 0);
    EXPECT_EQ(*rte_pktmbuf_mtod_offset(packet, std::uint16_t*, 34 + 16),
              rte_ipv4_phdr_cksum(ip, RTE_MBUF_F_TX_TCP_SEG))
        << "of the pseudo-header without a length";
    EXPECT_EQ(prepare(), 0) << "as a burst that is tried again";
}

TEST_F(TxSegmentation, WorksOverIpv6) {
    large(2900, 1000, true);
    EXPECT_EQ(prepare(), 0);
    EXPECT_EQ(rte_pktmbuf_mtod_offset(packet, const rte_ipv6_hdr*, 14)->payload_len, 0);
}

TEST_F(TxSegmentation, IsRefusedForTheIpVersionThatTheHostDoesNotSegment) {
    large(2900, 1000);
    EXPECT_EQ(prepare({.checksums = kAll, .lso_ipv6 = kCan.lso_ipv6}), ENOTSUP);
    large(2900, 1000, true);
    EXPECT_EQ(prepare({.checksums = kAll, .lso_ipv4 = kCan.lso_ipv4}), ENOTSUP);
    EXPECT_EQ(prepare({.checksums = kAll, .lso_ipv6 = kCan.lso_ipv6}), 0);
}

// defect: 4.4-16 largest size and fewest segments of large sends are enforced
TEST_F(TxSegmentation, HoldsTheLimitsOfTheHost) {
    large(3000, 1000);
    EXPECT_EQ(prepare(), 0);
    large(3001, 1000);
    EXPECT_EQ(prepare(), EINVAL);
    large(2000, 1000);
    EXPECT_EQ(prepare({.checksums = kAll, .lso_ipv4 = {3000, 3}}), EINVAL);
}

TEST_F(TxSegmentation, OfOneSegmentIsAChecksum) {
    large(1054, 1000);
    EXPECT_EQ(prepare(), 0);
    EXPECT_EQ(packet->ol_flags, kTcp4 | RTE_MBUF_F_TX_IP_CKSUM);
    large(1054, 1000);
    EXPECT_EQ(prepare({.lso_ipv4 = kCan.lso_ipv4}), 0) << "computed here";
    EXPECT_EQ(packet->ol_flags, RTE_MBUF_F_TX_IPV4);
    const auto* ip = rte_pktmbuf_mtod_offset(packet, const rte_ipv4_hdr*, 14);
    EXPECT_EQ(rte_ipv4_cksum(ip), 0);
}

TEST_F(TxSegmentation, NeedsAHeaderThatFits) {
    large(2900, 1000);
    packet->l4_len = 24;
    EXPECT_EQ(prepare(), EINVAL) << "the header says 20";
    packet->l4_len = 16;
    EXPECT_EQ(prepare(), EINVAL);
    large(2900, 0);
    EXPECT_EQ(prepare(), EINVAL);
    large(2900, 1000);
    packet->ol_flags &= ~std::uint64_t{RTE_MBUF_F_TX_IP_CKSUM};
    EXPECT_EQ(prepare(), EINVAL);
}

TEST_F(TxRig, PrepareStopsAtTheFirstPacketThatCannotBeSent) {
    start({.copybreak = 1536, .can = {.checksums = kAll}});
    rte_mbuf* packets[] = {pool.frame(60), pool.frame(60), pool.frame(60)};
    packets[1]->ol_flags = RTE_MBUF_F_TX_TCP_SEG;
    EXPECT_EQ(queue.prepare(packets, 3), 1);
    EXPECT_EQ(rte_errno, ENOTSUP);
    EXPECT_EQ(queue.prepare(packets, 1), 1);
    rte_pktmbuf_free_bulk(packets, 3);
}

}  // namespace
}  // namespace vmbus::netvsc::test
