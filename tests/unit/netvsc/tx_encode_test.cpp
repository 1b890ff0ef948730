#include "net/netvsc/tx_encode.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

constexpr SectionLimits kLimits{.bytes = 512, .max_packets = 3, .alignment = 8};

std::uint32_t word(base::Bytes bytes, std::size_t at) {
    return base::load_at<std::uint32_t>(bytes, at);
}

struct SectionWriterTest : testing::Test {
    /// Appends a frame of one value.
    void append(std::uint32_t length, int value, const codec::PacketInfo& info = {}) {
        ASSERT_TRUE(writer.fits(info.has, length));
        const auto to = writer.append(info, length);
        std::memset(to.data(), value, to.size());
    }
    Message section = Message(512, std::byte{0xEE});
    SectionWriter writer{section, kLimits};
};

TEST_F(SectionWriterTest, OnePacketIsHeadAndFrameWithoutPadding) {
    append(61, 0xAB);
    EXPECT_EQ(writer.bytes(), 44U + 61U);
    EXPECT_EQ(word(section, 0), 1U);
    EXPECT_EQ(word(section, 4), 105U);
    EXPECT_EQ(word(section, 8), 36U);
    EXPECT_EQ(word(section, 12), 61U);
    EXPECT_EQ(section[44], std::byte{0xAB});
    EXPECT_EQ(section[105], std::byte{0xEE}) << "nothing beyond is touched";
}

TEST_F(SectionWriterTest, LimitOfSharedBytesIsForMoreThanOnePacket) {
    SectionLimits limits = kLimits;
    limits.shared_bytes = 300;
    writer = SectionWriter(section, limits);
    append(400, 1);
    EXPECT_FALSE(writer.fits(0, 1));
    writer = SectionWriter(section, limits);
    append(100, 1);
    EXPECT_TRUE(writer.fits(0, 300 - 144 - 44));
    EXPECT_FALSE(writer.fits(0, 300 - 144 - 44 + 1));
}

TEST_F(SectionWriterTest, PaddingCountsInTheLengthOfAllButTheLast) {
    append(61, 1);
    append(60, 2);
    EXPECT_EQ(word(section, 4), 112U) << "105 rounded up to 8";
    EXPECT_EQ(word(section, 112), 1U) << "the next message starts there";
    EXPECT_EQ(word(section, 116), 104U);
    EXPECT_EQ(section[105], std::byte{0}) << "padding does not carry old bytes to the host";
    EXPECT_EQ(writer.bytes(), 112U + 104U);
}

TEST_F(SectionWriterTest, EveryMessageOfTheSectionParses) {
    append(61, 1);
    append(33, 2, {.has = codec::PacketInfo::kVlan, .vlan = 0x10});
    append(1, 3);
    base::Bytes rest = base::Bytes(section).first(writer.bytes());
    for (const std::uint32_t length : {61U, 33U, 1U}) {
        codec::PacketBounds bounds;
        codec::PacketInfo info;
        ASSERT_EQ(codec::parse_packet(rest, bounds, info), codec::RndisPacketError::kNone);
        EXPECT_EQ(bounds.data_length, length);
        rest = rest.subspan(bounds.message_length);
    }
    EXPECT_TRUE(rest.empty());
}

TEST_F(SectionWriterTest, NoMorePacketsThanTheHostTakes) {
    for (int i = 0; i < 3; ++i) append(20, i);
    EXPECT_FALSE(writer.fits(0, 20));
}

TEST_F(SectionWriterTest, FrameOfExactlyTheSectionFits) {
    EXPECT_TRUE(writer.fits(0, 512 - 44));
    EXPECT_FALSE(writer.fits(0, 512 - 43));
    EXPECT_FALSE(writer.fits(codec::PacketInfo::kVlan, 512 - 44));
}

// row: tx_aggregation
TEST_F(SectionWriterTest, HostsAlignmentIsKept) {
    SectionWriter wide(section, {.bytes = 512, .max_packets = 8, .alignment = 128});
    wide.append({}, 60);
    wide.append({}, 60);
    EXPECT_EQ(word(section, 4), 128U);
    EXPECT_EQ(wide.bytes(), 128U + 104U);
    EXPECT_FALSE(wide.fits(0, 300));
}

TEST_F(SectionWriterTest, LoneHeadAnnouncesAFrameThatLiesElsewhere) {
    writer.append_head({}, 9000);
    EXPECT_EQ(writer.bytes(), 44U);
    EXPECT_EQ(word(section, 4), 9044U);
    EXPECT_EQ(word(section, 12), 9000U);
}

}  // namespace
}  // namespace vmbus::netvsc::test
