#include "host/checksum.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "wire/rndis_ppi.hpp"

namespace vmbus {
namespace {

using host::add_to_sum;
using host::complete_checksums;
using host::fold_sum;
using host::ReceiveChecks;
using host::verify_checksums;

using Bytes = std::vector<std::byte>;

Bytes bytes(std::initializer_list<int> values) {
    Bytes all;
    for (const int value : values) all.push_back(static_cast<std::byte>(value));
    return all;
}

constexpr std::uint32_t kTcp4 = wire::kTxChecksumIpv4 | wire::kTxChecksumTcp;
constexpr std::uint32_t kUdp4 = wire::kTxChecksumIpv4 | wire::kTxChecksumUdp;
constexpr std::uint32_t kTcp6 = wire::kTxChecksumIpv6 | wire::kTxChecksumTcp;
constexpr std::uint32_t kUdp6 = wire::kTxChecksumIpv6 | wire::kTxChecksumUdp;
constexpr std::uint32_t kIpHeader = wire::kTxChecksumIpv4 | wire::kTxChecksumIpHeader;

std::uint32_t at(std::uint32_t offset) {
    return offset << wire::kTxChecksumOffsetShift;
}

void put16(Bytes& frame, std::size_t where, unsigned value) {
    frame[where] = static_cast<std::byte>(value >> 8);
    frame[where + 1] = static_cast<std::byte>(value);
}

/// Ethernet, IPv4 without options, protocol, payload; checksums full of garbage.
Bytes ipv4_frame(int protocol, std::size_t segment) {
    Bytes frame(34 + segment, std::byte{0x5A});
    put16(frame, 12, 0x0800);
    frame[14] = std::byte{0x45};
    put16(frame, 16, static_cast<unsigned>(20 + segment));
    frame[23] = static_cast<std::byte>(protocol);
    return frame;
}
Bytes ipv6_frame(int protocol, std::size_t segment) {
    Bytes frame(54 + segment, std::byte{0x5A});
    put16(frame, 12, 0x86DD);
    frame[14] = std::byte{0x60};
    put16(frame, 18, static_cast<unsigned>(segment));
    frame[20] = static_cast<std::byte>(protocol);
    return frame;
}

/// Sum over pseudo header and segment: 0xFFFF, folded to 0, when the checksum in it is right.
std::uint16_t verify(const Bytes& frame, bool v6, int protocol, std::size_t end) {
    const base::Bytes all(frame);
    const std::size_t start = v6 ? 54 : 34;
    const auto addresses = v6 ? all.subspan(22, 32) : all.subspan(26, 8);
    const auto length = end - start;
    const auto tail =
        bytes({0, protocol, static_cast<int>(length >> 8), static_cast<int>(length & 0xFF)});
    auto sum = add_to_sum(0, addresses);
    sum = add_to_sum(sum, tail);
    return fold_sum(add_to_sum(sum, all.subspan(start, length)));
}

TEST(Checksum, MatchesExampleOfRfc1071) {
    const auto example = bytes({0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7});
    // The sum is ddf2; its complement 220d, as bytes of the header.
    EXPECT_EQ(fold_sum(add_to_sum(0, example)), 0x0d22);
}

TEST(Checksum, TakesOddLengths) {
    EXPECT_EQ(fold_sum(add_to_sum(0, bytes({0x12}))), static_cast<std::uint16_t>(~0x0012));
    EXPECT_EQ(add_to_sum(0, bytes({1, 2, 3, 4, 5})), add_to_sum(0, bytes({1, 2, 3, 4, 5, 0})));
}

TEST(Checksum, MatchesKnownIpHeader) {
    // The header of the worked example in many a textbook: its checksum is b861.
    auto frame = Bytes(14);
    const auto header = bytes(
        {0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7});
    frame.insert(frame.end(), header.begin(), header.end());
    ASSERT_TRUE(complete_checksums(frame, kIpHeader));
    EXPECT_EQ(frame[24], std::byte{0xb8});
    EXPECT_EQ(frame[25], std::byte{0x61});
}

TEST(Checksum, CompletesEachTransport) {
    auto tcp4 = ipv4_frame(6, 41);
    ASSERT_TRUE(complete_checksums(tcp4, kTcp4 | at(34)));
    EXPECT_EQ(verify(tcp4, false, 6, tcp4.size()), 0);
    auto udp4 = ipv4_frame(17, 33);
    ASSERT_TRUE(complete_checksums(udp4, kUdp4 | at(34)));
    EXPECT_EQ(verify(udp4, false, 17, udp4.size()), 0);
    auto tcp6 = ipv6_frame(6, 60);
    ASSERT_TRUE(complete_checksums(tcp6, kTcp6 | at(54)));
    EXPECT_EQ(verify(tcp6, true, 6, tcp6.size()), 0);
    auto udp6 = ipv6_frame(17, 9);
    ASSERT_TRUE(complete_checksums(udp6, kUdp6 | at(54)));
    EXPECT_EQ(verify(udp6, true, 17, udp6.size()), 0);
}

// conformance: rndis_send_tcp_checksum_packet_zero_transport_header_offset_ipv4
TEST(Checksum, OffsetZeroMeansShortestHeader) {
    auto with = ipv4_frame(6, 41);
    auto without = with;
    EXPECT_TRUE(complete_checksums(with, kTcp4 | at(34)));
    EXPECT_TRUE(complete_checksums(without, kTcp4));
    EXPECT_EQ(with, without);
}

// conformance: rndis_send_tcp_checksum_packet_zero_transport_header_offset_ipv6
TEST(Checksum, OffsetZeroMeansShortestHeaderOfIpv6Too) {
    auto with = ipv6_frame(6, 41);
    auto without = with;
    EXPECT_TRUE(complete_checksums(with, kTcp6 | at(54)));
    EXPECT_TRUE(complete_checksums(without, kTcp6));
    EXPECT_EQ(with, without);
}

TEST(Checksum, LeavesPaddingOfShortFramesOut) {
    auto frame = ipv4_frame(17, 10);
    frame.resize(60, std::byte{0x77});
    ASSERT_TRUE(complete_checksums(frame, kUdp4));
    EXPECT_EQ(verify(frame, false, 17, 44), 0);
}

TEST(Checksum, UdpChecksumIsNeverZero) {
    // A payload that makes the sum 0xFFFF: what is left to reach it.
    auto frame = ipv4_frame(17, 10);
    put16(frame, 42, 0);
    ASSERT_TRUE(complete_checksums(frame, kUdp4));
    const auto checksum = base::load_at<std::uint16_t>(frame, 40);
    base::store_at(frame, 42, checksum);
    ASSERT_TRUE(complete_checksums(frame, kUdp4));
    EXPECT_EQ(base::load_at<std::uint16_t>(frame, 40), 0xFFFF);
}

TEST(Checksum, TcpWinsOverUdp) {
    auto frame = ipv4_frame(6, 41);
    ASSERT_TRUE(complete_checksums(frame, kTcp4 | kUdp4));
    EXPECT_EQ(verify(frame, false, 6, frame.size()), 0);
}

TEST(Checksum, NothingAskedNothingDone) {
    auto frame = ipv4_frame(6, 41);
    const auto before = frame;
    EXPECT_TRUE(complete_checksums(frame, 0));
    EXPECT_TRUE(complete_checksums(frame, wire::kTxChecksumIpv4));
    EXPECT_TRUE(complete_checksums(frame, wire::kTxChecksumIpHeader));
    EXPECT_EQ(frame, before);
}

/// The same frame with its checksums right.
Bytes right(Bytes frame, std::uint32_t request) {
    EXPECT_TRUE(complete_checksums(frame, request));
    return frame;
}
Bytes udp4_right() {
    auto frame = ipv4_frame(17, 33);
    put16(frame, 20, 0);   // no fragment
    put16(frame, 38, 33);  // UDP length
    return right(frame, kUdp4 | kIpHeader);
}
Bytes tcp4_right() {
    auto frame = ipv4_frame(6, 41);
    put16(frame, 20, 0x4000);  // do not fragment
    return right(frame, kTcp4 | kIpHeader);
}

TEST(ChecksumVerdict, OfRightFramesIsGood) {
    EXPECT_EQ(verify_checksums(udp4_right(), {}), wire::kRxIpGood | wire::kRxUdpGood);
    EXPECT_EQ(verify_checksums(tcp4_right(), {}), wire::kRxIpGood | wire::kRxTcpGood);
    EXPECT_EQ(verify_checksums(right(ipv6_frame(6, 60), kTcp6), {}), wire::kRxTcpGood);
    auto udp6 = ipv6_frame(17, 9);
    put16(udp6, 58, 9);
    EXPECT_EQ(verify_checksums(right(udp6, kUdp6), {}), wire::kRxUdpGood);
}

TEST(ChecksumVerdict, OfAFrameWithPaddingIsGood) {
    auto frame = udp4_right();
    frame.resize(80, std::byte{0x77});
    EXPECT_EQ(verify_checksums(frame, {}), wire::kRxIpGood | wire::kRxUdpGood);
}

TEST(ChecksumVerdict, OfEachChangedByteIsBad) {
    auto frame = tcp4_right();
    for (std::size_t i = 24; i < frame.size(); ++i) {
        frame[i] ^= std::byte{1};
        const auto verdict = verify_checksums(frame, {});
        EXPECT_NE(verdict & (wire::kRxIpBad | wire::kRxTcpBad), 0U) << i;
        EXPECT_EQ((verdict & wire::kRxTcpBad) == 0, i == 24 || i == 25) << i;
        frame[i] ^= std::byte{1};
    }
}

TEST(ChecksumVerdict, SaysNothingOfWhatItDoesNotKnow) {
    auto arp = tcp4_right();
    put16(arp, 12, 0x0806);
    EXPECT_EQ(verify_checksums(arp, {}), 0U);
    EXPECT_EQ(verify_checksums(right(ipv6_frame(58, 60), 0), {}), 0U);
    EXPECT_EQ(verify_checksums(Bytes(13), {}), 0U);
}

TEST(ChecksumVerdict, OfFragmentsIsOfTheHeaderOnly) {
    for (const unsigned fragment : {0x2000U, 0x0001U, 0x1FFFU}) {
        auto frame = ipv4_frame(6, 41);
        put16(frame, 20, fragment);
        EXPECT_EQ(verify_checksums(right(frame, kIpHeader), {}), wire::kRxIpGood) << fragment;
    }
}

TEST(ChecksumVerdict, UdpMayGoWithoutAChecksumOverIpv4Only) {
    auto frame = udp4_right();
    put16(frame, 40, 0);
    EXPECT_EQ(verify_checksums(frame, {}), wire::kRxIpGood);
    auto udp6 = ipv6_frame(17, 9);
    put16(udp6, 58, 9);
    put16(udp6, 60, 0);
    EXPECT_EQ(verify_checksums(udp6, {}), wire::kRxUdpBad);
}

TEST(ChecksumVerdict, SaysNothingOfLengthsThatDoNotFit) {
    for (std::size_t size = 14; size < 34 + 41; ++size) {
        auto frame = tcp4_right();
        frame.resize(size);
        EXPECT_EQ(verify_checksums(frame, {}), 0U) << size;
    }
    auto udp = udp4_right();
    put16(udp, 38, 34);
    EXPECT_EQ(verify_checksums(udp, {}), wire::kRxIpGood);
    auto header = tcp4_right();
    header[14] = std::byte{0x44};
    EXPECT_EQ(verify_checksums(header, {}), 0U);
    auto six = ipv6_frame(6, 60);
    put16(six, 18, 61);
    EXPECT_EQ(verify_checksums(six, {}), 0U);
}

TEST(ChecksumVerdict, IsGivenWhereItIsSwitchedOn) {
    EXPECT_EQ(verify_checksums(udp4_right(), {.udp_ipv4 = false}), wire::kRxIpGood);
    EXPECT_EQ(verify_checksums(tcp4_right(), {.ipv4 = false}), wire::kRxTcpGood);
    EXPECT_EQ(verify_checksums(right(ipv6_frame(6, 60), kTcp6), {.tcp_ipv6 = false}), 0U);
}

TEST(Checksum, RefusesRequestThatContradictsFrame) {
    auto frame = ipv4_frame(6, 41);
    EXPECT_FALSE(complete_checksums(frame, kTcp6));
    EXPECT_FALSE(complete_checksums(frame, wire::kTxChecksumTcp));
    EXPECT_FALSE(complete_checksums(frame, kTcp4 | wire::kTxChecksumIpv6));
    EXPECT_FALSE(complete_checksums(frame, kTcp4 | at(33)));
    EXPECT_FALSE(complete_checksums(frame, kTcp4 | at(100)));
    auto short_segment = ipv4_frame(6, 19);
    EXPECT_FALSE(complete_checksums(short_segment, kTcp4));
    Bytes tiny(33, std::byte{0x45});
    EXPECT_FALSE(complete_checksums(tiny, kIpHeader));
    frame[14] = std::byte{0x44};
    EXPECT_FALSE(complete_checksums(frame, kIpHeader));
    frame[14] = std::byte{0x4F};
    EXPECT_TRUE(complete_checksums(frame, kIpHeader));
    frame.resize(60);
    EXPECT_FALSE(complete_checksums(frame, kIpHeader));
}

}  // namespace
}  // namespace vmbus
