#include "host/toeplitz.hpp"

#include <gtest/gtest.h>

#include "support/rss_vectors.hpp"

namespace vmbus {
namespace {

host::Toeplitz toeplitz() {
    return host::Toeplitz(std::as_bytes(std::span(support::kRssKey)));
}

/// What is hashed lies in a row in the frame: addresses, then ports.
void verify(const support::RssVector& flow, std::size_t at, std::size_t addresses) {
    const auto frame = support::rss_frame(flow);
    const auto input = base::Bytes(frame).subspan(at);
    EXPECT_EQ(toeplitz()(input.first(addresses)), flow.addresses) << flow.source;
    EXPECT_EQ(toeplitz()(input.first(addresses + 4)), flow.ports) << flow.source;
}

TEST(Toeplitz, GivesTheHashesOfTheSpecificationForIpv4) {
    for (const auto& flow : support::kRssIpv4) verify(flow, 14 + 12, 8);
}

TEST(Toeplitz, GivesTheHashesOfTheSpecificationForIpv6) {
    for (const auto& flow : support::kRssIpv6) verify(flow, 14 + 8, 32);
}

TEST(Toeplitz, HashesNothingToZero) {
    EXPECT_EQ(toeplitz()({}), 0U);
    EXPECT_EQ(toeplitz()(std::vector<std::byte>(36)), 0U);
}

TEST(Toeplitz, TheFirstBitAddsTheFirstWordOfTheKey) {
    const std::vector<std::byte> first = {std::byte{0x80}};
    EXPECT_EQ(toeplitz()(first), 0x6d5a56daU);
}

TEST(Toeplitz, TheLastBitReachesTheEndOfTheKey) {
    std::vector<std::byte> input(36);
    input[35] = std::byte{1};
    // The 33 last bits of the key but the very last.
    EXPECT_EQ(toeplitz()(input), 0xbeac01faU >> 1 | 1U << 31);
}

}  // namespace
}  // namespace vmbus
