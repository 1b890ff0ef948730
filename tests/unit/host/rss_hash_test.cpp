#include "host/rss_hash.hpp"

#include <gtest/gtest.h>

#include "support/rss_vectors.hpp"

namespace vmbus {
namespace {

using host::rss_input;
using support::rss_frame;
using Frame = std::vector<std::byte>;

constexpr std::uint32_t kAll = 0x1FF00;
constexpr std::uint8_t kUdp = 17;
const auto& kV4 = support::kRssIpv4[0];
const auto& kV6 = support::kRssIpv6[0];

std::uint32_t hash_of(const Frame& frame, std::uint32_t types) {
    host::RssScratch scratch;
    return host::Toeplitz(std::as_bytes(std::span(support::kRssKey)))(
        rss_input(frame, types, scratch).bytes);
}
std::uint32_t type_of(const Frame& frame, std::uint32_t types) {
    host::RssScratch scratch;
    return rss_input(frame, types, scratch).type;
}
/// An IPv6 extension header of 24 bytes, in front of what was the payload.
Frame extended(const support::RssVector& flow, std::uint8_t type, Frame header) {
    auto frame = rss_frame(flow);
    header[0] = frame[14 + 6];
    frame[14 + 6] = static_cast<std::byte>(type);
    frame.insert(frame.begin() + 54, header.begin(), header.end());
    return frame;
}

TEST(RssHash, AFlowOfTcpHasTheHashOfTheSpecification) {
    EXPECT_EQ(hash_of(rss_frame(kV4), wire::kNdisHashTcpIpv4), kV4.ports);
    EXPECT_EQ(hash_of(rss_frame(kV6), wire::kNdisHashTcpIpv6), kV6.ports);
}

TEST(RssHash, WithoutPortsItIsTheHashOfTheAddresses) {
    EXPECT_EQ(hash_of(rss_frame(kV4), wire::kNdisHashIpv4), kV4.addresses);
    EXPECT_EQ(hash_of(rss_frame(kV6), wire::kNdisHashIpv6), kV6.addresses);
    EXPECT_EQ(type_of(rss_frame(kV4, 1), kAll), wire::kNdisHashIpv4);
}

TEST(RssHash, UdpHasPortsWhereTheGuestAskedForThem) {
    EXPECT_EQ(type_of(rss_frame(kV4, kUdp), kAll), wire::kNdisHashUdpIpv4);
    EXPECT_EQ(hash_of(rss_frame(kV4, kUdp), kAll), kV4.ports);
    EXPECT_EQ(type_of(rss_frame(kV6, kUdp), kAll), wire::kNdisHashUdpIpv6);
    EXPECT_EQ(type_of(rss_frame(kV4, kUdp), wire::kNdisHashIpv4 | wire::kNdisHashTcpIpv4),
              wire::kNdisHashIpv4);
}

TEST(RssHash, AFragmentHasNoPorts) {
    auto frame = rss_frame(kV4);
    frame[14 + 7] = std::byte{1};
    EXPECT_EQ(type_of(frame, kAll), wire::kNdisHashIpv4);
    auto first = rss_frame(kV4);
    first[14 + 6] = std::byte{0x20};
    EXPECT_EQ(type_of(first, kAll), wire::kNdisHashIpv4);
}

TEST(RssHash, LooksBehindATag) {
    auto frame = rss_frame(kV4);
    const Frame tag{std::byte{0x81}, std::byte{0}, std::byte{0}, std::byte{7}};
    frame.insert(frame.begin() + 12, tag.begin(), tag.end());
    EXPECT_EQ(hash_of(frame, kAll), kV4.ports);
}

TEST(RssHash, WhatIsNeitherIpNorAskedForIsNotHashed) {
    auto arp = rss_frame(kV4);
    arp[13] = std::byte{6};
    EXPECT_EQ(type_of(arp, kAll), 0U);
    EXPECT_EQ(type_of(rss_frame(kV4), wire::kNdisHashIpv6), 0U);
    EXPECT_EQ(type_of(rss_frame(kV6), wire::kNdisHashIpv4), 0U);
}

TEST(RssHash, SkipsIpv4Options) {
    auto frame = rss_frame(kV4);
    frame[14] = std::byte{0x46};
    frame.insert(frame.begin() + 34, 4, std::byte{1});
    EXPECT_EQ(hash_of(frame, kAll), kV4.ports);
}

TEST(RssHash, FindsPortsBehindExtensionHeaders) {
    Frame options(8);
    EXPECT_EQ(hash_of(extended(kV6, 0, options), wire::kNdisHashTcpIpv6), kV6.ports);
    EXPECT_EQ(type_of(extended(kV6, 0, options), kAll), wire::kNdisHashTcpIpv6Ex);
}

TEST(RssHash, AMobileSenderHasItsHomeAddress) {
    auto home = rss_frame(kV6);
    Frame options(24);
    options[1] = std::byte{2};  // 24 bytes
    options[2] = std::byte{1};  // padding of 4 in all
    options[3] = std::byte{2};
    options[6] = std::byte{201};
    options[7] = std::byte{16};
    std::copy(home.begin() + 22, home.begin() + 38, options.begin() + 8);
    auto roaming = extended(kV6, 60, options);
    std::fill(roaming.begin() + 22, roaming.begin() + 38, std::byte{0xEE});
    EXPECT_EQ(hash_of(roaming, wire::kNdisHashTcpIpv6Ex), kV6.ports);
    EXPECT_NE(hash_of(roaming, wire::kNdisHashTcpIpv6), kV6.ports);
}

TEST(RssHash, AMobileReceiverHasItsHomeAddress) {
    auto home = rss_frame(kV6);
    Frame routing(24);
    routing[1] = std::byte{2};
    routing[2] = std::byte{2};
    std::copy(home.begin() + 38, home.begin() + 54, routing.begin() + 8);
    auto roaming = extended(kV6, 43, routing);
    std::fill(roaming.begin() + 38, roaming.begin() + 54, std::byte{0xEE});
    EXPECT_EQ(hash_of(roaming, wire::kNdisHashTcpIpv6Ex), kV6.ports);
}

TEST(RssHash, TheWayInLineFindsWhatTheLongOneDoes) {
    for (const std::uint8_t protocol : {std::uint8_t{1}, std::uint8_t{6}, kUdp}) {
        for (const std::uint32_t types :
             {0U, kAll, std::uint32_t{wire::kNdisHashIpv4}, std::uint32_t{wire::kNdisHashTcpIpv4},
              std::uint32_t{wire::kNdisHashUdpIpv4}}) {
            const auto whole = rss_frame(kV4, protocol);
            for (std::size_t size = 0; size <= whole.size(); ++size) {
                const base::Bytes frame = base::Bytes(whole).first(size);
                host::RssScratch scratch;
                const auto found = rss_input(frame, types, scratch);
                const auto expected = host::any_rss_input(frame, types, scratch);
                EXPECT_EQ(found.type, expected.type);
                EXPECT_EQ(found.bytes.data(), expected.bytes.data());
                EXPECT_EQ(found.bytes.size(), expected.bytes.size());
            }
        }
    }
}

TEST(RssHash, NoCutOfAFrameIsReadBeyondItsEnd) {
    Frame options(24);
    options[1] = std::byte{2};
    options[6] = std::byte{201};
    options[7] = std::byte{255};
    for (const auto& whole : {rss_frame(kV4), rss_frame(kV6), extended(kV6, 60, options)}) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const Frame cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            host::RssScratch scratch;
            EXPECT_LE(rss_input(cut, kAll, scratch).bytes.size(), host::Toeplitz::kMaxInput);
        }
    }
}

}  // namespace
}  // namespace vmbus
