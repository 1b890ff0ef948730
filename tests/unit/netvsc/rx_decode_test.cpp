#include "net/netvsc/rx_decode.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

using codec::PacketInfo;
using codec::RndisPacketError;

const PacketInfo kTagged{.has = PacketInfo::kVlan, .vlan = 0x643};
/// What nearly every message has, and a shorter way is taken for.
const PacketInfo kUsual{.has = PacketInfo::kChecksum, .checksum = 0x28};
/// The same, of a NIC with several queues.
constexpr PacketInfo kHashed{
    .has = PacketInfo::kChecksum | PacketInfo::kHashValue | PacketInfo::kHashInfo,
    .checksum = 0x28,
    .hash_value = 0x1234567,
    .hash_info = 0x101};

/// The error after one word of a good message was changed.
RndisPacketError after_storing(std::size_t offset, std::uint32_t value,
                               const PacketInfo& info = kTagged) {
    Message message = data_message(60, 0, info);
    base::store_at(message, offset, value);
    DecodedFrame frame;
    return decode_frame(message, frame);
}

// row: rx_packet_infos
TEST(RxDecode, FindsFrameAndInfos) {
    const Message message = data_message(
        60, 5, {.has = PacketInfo::kVlan | PacketInfo::kChecksum, .checksum = 0x28, .vlan = 0x643});
    DecodedFrame frame;
    ASSERT_EQ(decode_frame(message, frame), RndisPacketError::kNone);
    EXPECT_EQ(frame.bounds.data_length, 60U);
    EXPECT_EQ(frame.bounds.data_offset, 76U);
    EXPECT_EQ(frame.info.vlan, 0x643U);
    EXPECT_EQ(frame.info.checksum, 0x28U);
}

TEST(RxDecode, EachLieOfAHeaderHasItsError) {
    for (const PacketInfo& info : {kTagged, kUsual, kHashed}) {
        EXPECT_EQ(after_storing(0, 2, info), RndisPacketError::kNotAPacket);
        EXPECT_EQ(after_storing(4, 0xFFFFFFFF, info), RndisPacketError::kBadLength);
        EXPECT_EQ(after_storing(8, 0xFFFFFFF8, info), RndisPacketError::kBadData);
        EXPECT_EQ(after_storing(8, 8, info), RndisPacketError::kBadData);
        EXPECT_EQ(after_storing(12, 0, info), RndisPacketError::kBadData);
        EXPECT_EQ(after_storing(12, 0xFFFFFFFF, info), RndisPacketError::kBadData);
        EXPECT_EQ(after_storing(16, 1, info), RndisPacketError::kBadOob);
        EXPECT_EQ(after_storing(28, 0xFFFFFFF0, info), RndisPacketError::kBadPpiArea);
        EXPECT_EQ(after_storing(44, 0, info), RndisPacketError::kBadPpi);
    }
}

// defect: 4.3-5 what was checked is what is used, whatever the host writes meanwhile
TEST(RxDecode, AHeaderThatChangesMeanwhileMovesNoBound) {
    Message message = data_message(600, 0, kUsual);
    base::Shared<std::uint32_t>& length = *reinterpret_cast<base::Shared<std::uint32_t>*>(
        message.data() + offsetof(wire::RndisPacket, data_length));
    std::jthread host([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            length.store_relaxed(0x7FFFFFFF);
            length.store_relaxed(600);
        }
    });
    for (unsigned i = 0; i < 20000; ++i) {
        DecodedFrame frame;
        if (decode_frame(message, frame) == RndisPacketError::kNone) {
            ASSERT_EQ(frame.bounds.data_length, 600U);
        }
    }
}

TEST(RxDecode, FindsTheFrameOfTheUsualMessage) {
    const Message message = data_message(60, 5, kUsual);
    DecodedFrame frame;
    ASSERT_TRUE(decode_usual(message, frame));
    EXPECT_EQ(frame.bounds.message_length, message.size());
    EXPECT_EQ(frame.bounds.data_offset, 60U);
    EXPECT_EQ(frame.bounds.data_length, 60U);
    EXPECT_EQ(frame.info.has, PacketInfo::kChecksum);
    EXPECT_EQ(frame.info.checksum, 0x28U);
}

/// As hosts write it: the checksums first.
Message hashed_message() {
    Message message = data_message(60, 5, kHashed);
    const auto infos = message.begin() + sizeof(wire::RndisPacket);
    std::rotate(infos, infos + 2 * sizeof(wire::Ppi32), infos + 3 * sizeof(wire::Ppi32));
    return message;
}

TEST(RxDecode, FindsTheHashOfTheUsualMessage) {
    const Message message = hashed_message();
    DecodedFrame frame;
    ASSERT_TRUE(decode_usual(message, frame));
    EXPECT_EQ(frame.bounds.data_offset, 92U);
    EXPECT_EQ(frame.info.has, kHashed.has);
    EXPECT_EQ(frame.info.hash_value, kHashed.hash_value);
    EXPECT_EQ(frame.info.hash_info, kHashed.hash_info);
}

TEST(RxDecode, HashThatIsNoneIsNotUsual) {
    for (const std::size_t info : {sizeof(UsualHead), sizeof(UsualHead) + sizeof(wire::Ppi32)}) {
        for (std::size_t word = 0; word < sizeof(wire::PpiHeader); word += sizeof(std::uint32_t)) {
            Message message = hashed_message();
            base::store_at(message, info + word, 0x40U);
            DecodedFrame frame;
            EXPECT_FALSE(decode_usual(message, frame)) << info << ' ' << word;
        }
    }
}

TEST(RxDecode, WhatTheUsualWayLeavesUndoneTheLongWayDoes) {
    // A hash, but with another info in its midst: nothing of the first look may stay behind.
    const Message message =
        data_message(60, 5, {.has = kHashed.has | PacketInfo::kVlan, .vlan = 0x643});
    DecodedFrame frame;
    ASSERT_FALSE(decode_usual(message, frame));
    ASSERT_EQ(decode_frame(message, frame), RndisPacketError::kNone);
    EXPECT_EQ(frame.info.has, kHashed.has | PacketInfo::kVlan);
}

TEST(RxDecode, RangeSmallerThanAHeaderIsShort) {
    DecodedFrame frame;
    EXPECT_EQ(decode_frame(Message(43), frame), RndisPacketError::kShort);
    EXPECT_EQ(decode_frame({}, frame), RndisPacketError::kShort);
}

TEST(RxDecode, MoreInfoThanAnyHostSendsIsRefused) {
    Message message = data_message(600);
    base::store_at(message, offsetof(wire::RndisPacket, data_offset), 44U + 300U);
    base::store_at(message, offsetof(wire::RndisPacket, data_length), 100U);
    base::store_at(message, offsetof(wire::RndisPacket, ppi_offset), 36U);
    base::store_at(message, offsetof(wire::RndisPacket, ppi_length), kMaxPpiBytes + 4);
    DecodedFrame frame;
    EXPECT_EQ(decode_frame(message, frame), RndisPacketError::kBadPpiArea);
}

}  // namespace
}  // namespace vmbus::netvsc::test
