#include "ring/geometry.hpp"

#include <gtest/gtest.h>

namespace vmbus::ring {
namespace {

constexpr Geometry kRing(4096);

TEST(Geometry, EmptyRingOffersAllButOneUnit) {
    EXPECT_EQ(kRing.used(96, 96), 0U);
    EXPECT_EQ(kRing.free(96, 96), 4096U - kUnit);
}

TEST(Geometry, UsedAndFreeAddUpAtEveryPairOfIndices) {
    for (std::uint32_t in = 0; in < kRing.size(); in += kUnit) {
        for (std::uint32_t out = 0; out < kRing.size(); out += kUnit * 5) {
            if (in == kRing.advance(out, kRing.size() - kUnit)) {
                ASSERT_EQ(kRing.free(in, out), 0U);
            }
            ASSERT_EQ(kRing.advance(out, kRing.used(in, out)), in);
            ASSERT_EQ(kRing.used(in, out) + kRing.free(in, out), kRing.size() - kUnit);
        }
    }
}

TEST(Geometry, AnIndexIsBelowTheSizeAndWhole) {
    EXPECT_TRUE(kRing.valid_index(0));
    EXPECT_TRUE(kRing.valid_index(4088));
    EXPECT_FALSE(kRing.valid_index(4096));
    EXPECT_FALSE(kRing.valid_index(12));
    EXPECT_FALSE(kRing.valid_index(UINT32_MAX));
}

TEST(Geometry, AdvanceWrapsExactlyAtTheEnd) {
    EXPECT_EQ(kRing.advance(4088U, 0), 4088U);
    EXPECT_EQ(kRing.advance(4088U, 8), 0U);
    EXPECT_EQ(kRing.advance(4088U, 16), 8U);
    EXPECT_EQ(kRing.advance(8U, 4096), 8U);
}

TEST(Geometry, AdvanceDoesNotOverflowInTheLargestRing) {
    constexpr Geometry kLargest(0xFFFFF000);
    EXPECT_EQ(kLargest.advance(0xFFFFEFF8, 0xFFFFEFF8), 0xFFFFEFF0);
}

TEST(Geometry, APositionCountsLaps) {
    const Position start(1, 4088);
    EXPECT_EQ(kRing.advance(start, 8), Position(2, 0));
    EXPECT_EQ(kRing.advance(Position(1, 8), 8), Position(1, 16));
    EXPECT_EQ(kRing.advance(Position(1, 8), 4096), Position(2, 8));
}

TEST(Geometry, SameIndexOneLapLaterIsAnotherPosition) {
    const Position first(1, 64);
    const Position second = kRing.advance(first, 4096);
    EXPECT_NE(first, second);
    EXPECT_LT(first, second);
    EXPECT_EQ(kRing.distance(first, second), 4096U);
}

TEST(Geometry, BehindFindsTheOnePositionOfTheLastLap) {
    const Position limit(5, 64);
    EXPECT_EQ(kRing.behind(64, limit), limit);
    EXPECT_EQ(kRing.behind(56, limit), Position(5, 56));
    EXPECT_EQ(kRing.behind(72, limit), Position(4, 72));
    EXPECT_EQ(kRing.distance(kRing.behind(72, limit), limit), 4096U - kUnit);
}

TEST(Geometry, DistanceCountsWholeLaps) {
    EXPECT_EQ(kRing.distance(Position(1, 4000), Position(4, 8)), 3U * 4096 - 3992);
}

TEST(Geometry, PacketBytesRoundHeaderAndPayload) {
    EXPECT_EQ(packet_bytes(0, 0), kMinPacketBytes);
    EXPECT_EQ(packet_bytes(0, 1), 32U);
    EXPECT_EQ(packet_bytes(0, 32), 56U);
    EXPECT_EQ(packet_bytes(16, 40), 80U);
}

TEST(Geometry, LargestPacketLeavesTwoUnits) {
    EXPECT_EQ(kRing.max_packet(), 4096U - 16);
}

TEST(Geometry, LargestPacketOfALargeRingIsWhatItsLengthFieldCanSay) {
    EXPECT_EQ(Geometry(1U << 21).max_packet(), 65535U * 8 + 8);
}

}  // namespace
}  // namespace vmbus::ring
