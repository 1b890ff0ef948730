#include "net/netvsc/rx_decode.hpp"

#include <gtest/gtest.h>

#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

using codec::PacketInfo;
using codec::RndisPacketError;

/// The error after one word of a good message with a VLAN info was changed.
RndisPacketError after_storing(std::size_t offset, std::uint32_t value) {
    Message message = data_message(60, 0, {.has = PacketInfo::kVlan, .vlan = 0x643});
    base::store_at(message, offset, value);
    DecodedFrame frame;
    return decode_frame(message, frame);
}

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
    EXPECT_EQ(after_storing(0, 2), RndisPacketError::kNotAPacket);
    EXPECT_EQ(after_storing(4, 0xFFFFFFFF), RndisPacketError::kBadLength);
    EXPECT_EQ(after_storing(8, 0xFFFFFFF8), RndisPacketError::kBadData);
    EXPECT_EQ(after_storing(12, 0), RndisPacketError::kBadData);
    EXPECT_EQ(after_storing(16, 1), RndisPacketError::kBadOob);
    EXPECT_EQ(after_storing(28, 0xFFFFFFF0), RndisPacketError::kBadPpiArea);
    EXPECT_EQ(after_storing(44, 0), RndisPacketError::kBadPpi);
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
