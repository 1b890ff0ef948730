#include "host/packet_filter.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace vmbus {
namespace {

using host::Drop;
using host::MacAddress;

constexpr MacAddress kOwn = {0x00, 0x15, 0x5D, 1, 2, 3};
constexpr MacAddress kOther = {0x00, 0x15, 0x5D, 1, 2, 4};
constexpr MacAddress kGroup = {0x01, 0x00, 0x5E, 1, 2, 3};
constexpr MacAddress kAll = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

std::optional<Drop> verdict(std::uint32_t filter, const MacAddress& destination) {
    host::PacketFilter packets(kOwn);
    packets.set(filter);
    std::array<std::byte, 60> frame{};
    base::store_at(frame, 0, destination);
    return packets.refuses(frame);
}

TEST(PacketFilter, LetsInWhatEachBitNames) {
    EXPECT_EQ(verdict(wire::kNdisFilterDirected, kOwn), std::nullopt);
    EXPECT_EQ(verdict(wire::kNdisFilterBroadcast, kAll), std::nullopt);
    EXPECT_EQ(verdict(wire::kNdisFilterAllMulticast, kGroup), std::nullopt);
    EXPECT_EQ(verdict(wire::kNdisFilterMulticast, kGroup), std::nullopt);
}

TEST(PacketFilter, KeepsOutWhatNoBitNames) {
    EXPECT_EQ(verdict(wire::kNdisFilterBroadcast, kOwn), Drop::kRxDirected);
    EXPECT_EQ(verdict(wire::kNdisFilterDirected, kAll), Drop::kRxBroadcast);
    EXPECT_EQ(verdict(wire::kNdisFilterBroadcast, kGroup), Drop::kRxMulticast);
    EXPECT_EQ(verdict(wire::kNdisFilterAllMulticast, kAll), Drop::kRxBroadcast);
}

TEST(PacketFilter, WhatIsForOthersIsForThePromiscuous) {
    EXPECT_EQ(verdict(0x0F, kOther), Drop::kRxOthersAddress);
    for (const auto& any : {kOwn, kOther, kGroup, kAll}) {
        EXPECT_EQ(verdict(wire::kNdisFilterPromiscuous, any), std::nullopt);
    }
}

}  // namespace
}  // namespace vmbus
