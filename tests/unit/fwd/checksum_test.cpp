#include "netvsc-fwd/checksum.hpp"

#include <gtest/gtest.h>
#include <rte_ethdev.h>
#include <tins/tins.h>

#include "mbufs.hpp"

namespace netvsc_fwd::test {
namespace {

using Tins::EthernetII;
using Tins::IP;
using Tins::IPv6;

constexpr std::uint64_t kAll = ~std::uint64_t{0};
const EthernetII kEthernet("02:00:00:00:00:01", "02:00:00:00:00:02");

Tins::RawPDU payload(std::size_t bytes = 101) {
    return Tins::RawPDU(FrameBytes(bytes, 0x5A));
}

struct Kind {
    const char* name;
    FrameBytes frame;
    std::size_t ip_checksum;  ///< where it is; 0: none
    std::size_t l4_checksum;
};

std::vector<Kind> kinds() {
    const IP v4("192.0.2.1", "192.0.2.2");
    const IPv6 v6("2001:db8::1", "2001:db8::2");
    const Tins::Dot1Q tag(5);
    return {
        {"udp", (kEthernet / v4 / Tins::UDP(1, 2) / payload()).serialize(), 24, 40},
        {"tcp", (kEthernet / v4 / Tins::TCP(1, 2) / payload()).serialize(), 24, 50},
        {"udp6", (kEthernet / v6 / Tins::UDP(1, 2) / payload()).serialize(), 0, 60},
        {"tcp6", (kEthernet / v6 / Tins::TCP(1, 2) / payload()).serialize(), 0, 70},
        {"tagged", (kEthernet / tag / v4 / Tins::UDP(1, 2) / payload()).serialize(), 28, 44},
        {"short", (kEthernet / v4 / Tins::UDP(1, 2) / payload(1)).serialize(), 24, 40},
    };
}

FrameBytes spoilt(const Kind& kind) {
    FrameBytes frame = kind.frame;
    if (kind.ip_checksum != 0) frame[kind.ip_checksum] ^= 0x55;
    frame[kind.l4_checksum] ^= 0xAA;
    return frame;
}

std::optional<Layers> layers(const FrameBytes& frame) {
    return layers_of(std::as_bytes(std::span(frame)), static_cast<std::uint32_t>(frame.size()));
}

TEST(Checksum, IsComputedAnewWhateverStoodThere) {
    for (const Kind& kind : kinds()) {
        for (const std::size_t segment : {std::size_t{2048}, std::size_t{100}}) {
            rte_mbuf* const packet = mbuf_of(spoilt(kind), segment);
            ASSERT_TRUE(layers(kind.frame)) << kind.name;
            compute_checksums(*packet, *layers(kind.frame), kAll);
            EXPECT_EQ(bytes_of(*packet), kind.frame) << kind.name << " in pieces of " << segment;
            rte_pktmbuf_free(packet);
        }
    }
}

TEST(Checksum, OnlyThoseAreComputedThatWereAskedFor) {
    const Kind udp = kinds()[0];
    rte_mbuf* const packet = mbuf_of(spoilt(udp));
    compute_checksums(*packet, *layers(udp.frame), RTE_ETH_TX_OFFLOAD_IPV4_CKSUM);
    FrameBytes expected = udp.frame;
    expected[udp.l4_checksum] ^= 0xAA;
    EXPECT_EQ(bytes_of(*packet), expected);
    rte_pktmbuf_free(packet);
}

TEST(Checksum, LeftToThePortItIsAFlagAndLengths) {
    const Kind tcp = kinds()[1];
    rte_mbuf* const packet = mbuf_of(tcp.frame);
    request_checksums(*packet, *layers(tcp.frame),
                      RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM);
    EXPECT_EQ(packet->ol_flags,
              RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM);
    EXPECT_EQ(packet->l2_len, 14);
    EXPECT_EQ(packet->l3_len, 20);
    rte_pktmbuf_free(packet);
}

TEST(Checksum, UdpWithoutOneStaysWithoutOne) {
    Kind udp = kinds()[0];
    udp.frame[40] = udp.frame[41] = 0;
    ASSERT_TRUE(layers(udp.frame));
    EXPECT_EQ(layers(udp.frame)->l4_protocol, 0);
}

TEST(Checksum, OfAFragmentOnlyTheHeadersIs) {
    Kind udp = kinds()[0];
    udp.frame[20] = 0x20;
    ASSERT_TRUE(layers(udp.frame));
    EXPECT_TRUE(layers(udp.frame)->v4);
    EXPECT_EQ(layers(udp.frame)->l4_protocol, 0);
}

TEST(Checksum, LengthsThatContradictTheFrameAreNotBelieved) {
    for (const Kind& kind : kinds()) {
        constexpr std::size_t kPadded = 60;  // there the frame may end before its last byte
        const std::size_t whole = kind.frame.size() > kPadded ? kind.frame.size() : 43;
        for (std::size_t length = 0; length < whole; ++length) {
            const FrameBytes cut(kind.frame.begin(),
                                 kind.frame.begin() + static_cast<std::ptrdiff_t>(length));
            EXPECT_FALSE(layers(cut)) << kind.name << ' ' << length;
        }
    }
    Kind udp = kinds()[0];
    udp.frame[14] = 0x44;  // a header of 16 bytes
    EXPECT_FALSE(layers(udp.frame));
    udp.frame[14] = 0x4F;  // longer than the packet says it is
    udp.frame[16] = 0;
    udp.frame[17] = 40;
    EXPECT_FALSE(layers(udp.frame));
}

TEST(Checksum, TrailingBytesBehindThePacketDoNotCount) {
    const Kind udp = kinds()[5];
    FrameBytes padded = udp.frame;
    padded.resize(80, 0xEE);
    rte_mbuf* const packet = mbuf_of(padded);
    compute_checksums(*packet, *layers(padded), kAll);
    EXPECT_EQ(bytes_of(*packet), padded);
    rte_pktmbuf_free(packet);
}

}  // namespace
}  // namespace netvsc_fwd::test
