#include "host/rx_spread.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/rss_vectors.hpp"

namespace vmbus {
namespace {

using host::RxSpread;

const auto& kFlow = support::kRssIpv4[0];

host::RssConfig rss(const std::vector<std::uint32_t>& table) {
    host::RssConfig config;
    config.enabled = true;
    config.hash_information = wire::kNdisHashToeplitz | wire::kNdisHashTcpIpv4;
    const auto key = std::as_bytes(std::span(support::kRssKey));
    std::copy(key.begin(), key.end(), config.key.begin());
    for (std::size_t i = 0; i < config.table.size(); ++i) config.table[i] = table[i % table.size()];
    return config;
}
std::vector<int> active(const RxSpread& spread) {
    return {spread.active().begin(), spread.active().end()};
}
std::size_t channel_of(const RxSpread& spread, const std::vector<std::byte>& frame) {
    host::RxFrame out;
    return spread.place({frame}, out);
}

TEST(RxSpread, WithoutRssAllGoToThePrimary) {
    RxSpread spread;
    spread.configure({}, 4);
    EXPECT_EQ(active(spread), std::vector<int>{0});
    EXPECT_EQ(channel_of(spread, support::rss_frame(kFlow)), 0U);
}

TEST(RxSpread, TheLowBitsOfTheHashPickTheEntry) {
    std::vector<std::uint32_t> table(128, 0);
    table[kFlow.ports % 128] = 3;
    RxSpread spread;
    spread.configure(rss(table), 4);
    EXPECT_EQ(channel_of(spread, support::rss_frame(kFlow)), 3U);
    EXPECT_EQ(channel_of(spread, support::rss_frame(support::kRssIpv4[1])), 0U);
}

TEST(RxSpread, TellsHashAndItsType) {
    RxSpread spread;
    spread.configure(rss({0, 1}), 2);
    host::RxFrame out;
    const auto frame = support::rss_frame(kFlow);
    spread.place({frame}, out);
    EXPECT_EQ(out.hash_value, kFlow.ports);
    EXPECT_EQ(out.hash_info, wire::kNdisHashToeplitz | wire::kNdisHashTcpIpv4);
    EXPECT_EQ(out.bytes.data(), frame.data());
}

TEST(RxSpread, WhatHasNoHashGoesToTheFirstOfTheTable) {
    RxSpread spread;
    spread.configure(rss({2, 3}), 4);
    EXPECT_EQ(active(spread), (std::vector<int>{2, 3}));
    EXPECT_EQ(channel_of(spread, support::rss_frame(kFlow, 17)), 2U);
}

TEST(RxSpread, PassesOverEntriesOfChannelsThatAreNotOpen) {
    RxSpread spread;
    spread.configure(rss({0, 1, 2, 3}), 2);
    EXPECT_EQ(active(spread), (std::vector<int>{0, 1}));
    for (const auto& flow : support::kRssIpv4) {
        EXPECT_LT(channel_of(spread, support::rss_frame(flow)), 2U);
    }
}

TEST(RxSpread, UsesAllChannelsWhenTheTableNamesNone) {
    RxSpread spread;
    spread.configure(rss({7}), 3);
    EXPECT_EQ(active(spread), (std::vector<int>{0, 1, 2}));
}

}  // namespace
}  // namespace vmbus
