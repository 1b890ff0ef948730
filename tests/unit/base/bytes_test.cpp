#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include <array>

namespace vmbus::base {
namespace {

constexpr std::array<std::byte, 6> kBytes = {std::byte{1}, std::byte{2}, std::byte{3},
                                             std::byte{4}, std::byte{5}, std::byte{6}};

TEST(Bytes, RoundUp8KeepsWholeUnits) {
    EXPECT_EQ(round_up8(0U), 0U);
    EXPECT_EQ(round_up8(1U), 8U);
    EXPECT_EQ(round_up8(8U), 8U);
    EXPECT_EQ(round_up8(std::uint64_t{1} << 33 | 1), (std::uint64_t{1} << 33) + 8);
}

TEST(Bytes, LoadIsLittleEndianAndMayBeUnaligned) {
    EXPECT_EQ(load_at<std::uint32_t>(kBytes, 1), 0x05040302U);
}

TEST(Bytes, NetworkOrderIsTheOtherWayRound) {
    EXPECT_EQ(load_be16(kBytes, 1), 0x0203U);
    std::array<std::byte, 4> to{};
    store_be16(to, 1, 0x0203);
    EXPECT_EQ(to[1], std::byte{2});
    EXPECT_EQ(to[2], std::byte{3});
    EXPECT_EQ(to[3], std::byte{0});
}

TEST(Bytes, TryLoadTakesTheLastFittingPlaceAndNoOther) {
    EXPECT_EQ(try_load<std::uint32_t>(kBytes, 2), 0x06050403U);
    EXPECT_EQ(try_load<std::uint32_t>(kBytes, 3), std::nullopt);
    EXPECT_EQ(try_load<std::uint32_t>(kBytes, 7), std::nullopt);
    EXPECT_EQ(try_load<std::uint32_t>(kBytes, SIZE_MAX - 1), std::nullopt);
    EXPECT_EQ(try_load<std::uint64_t>(kBytes), std::nullopt);
}

TEST(Bytes, StoreTouchesOnlyItsBytes) {
    std::array<std::byte, 6> to{};
    store_at(to, 1, std::uint32_t{0xFFFFFFFF});
    EXPECT_EQ(to[0], std::byte{0});
    EXPECT_EQ(to[1], std::byte{0xFF});
    EXPECT_EQ(to[4], std::byte{0xFF});
    EXPECT_EQ(to[5], std::byte{0});
}

TEST(Bytes, TrySliceComparesBySubtraction) {
    EXPECT_EQ(try_slice(kBytes, 6, 0)->size(), 0U);
    EXPECT_EQ(try_slice(kBytes, 2, 4)->front(), std::byte{3});
    EXPECT_FALSE(try_slice(kBytes, 2, 5));
    EXPECT_FALSE(try_slice(kBytes, 7, 0));
    EXPECT_FALSE(try_slice(kBytes, 2, SIZE_MAX - 1));
    EXPECT_FALSE(try_slice(kBytes, SIZE_MAX, 2));
}

TEST(Bytes, BytesOfAnObjectAreItsBytes) {
    const std::uint16_t value = 0x0201;
    const auto bytes = bytes_of(value);
    ASSERT_EQ(bytes.size(), 2U);
    EXPECT_EQ(bytes[0], std::byte{1});
}

}  // namespace
}  // namespace vmbus::base
