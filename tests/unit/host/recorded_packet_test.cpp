#include "host/recorded_packet.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"
#include "support/written_record.hpp"

namespace vmbus {
namespace {

using namespace support;
using host::kind_of_message;

TEST(RecordedPacket, IsCutAtItsOwnLengths) {
    const Bytes bytes = transfer(7, 4096, 100);
    const auto parts = host::parts_of(bytes);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->type(), wire::PacketType::kTransferPages);
    EXPECT_EQ(parts->descriptor.transaction_id, 7U);
    EXPECT_EQ(parts->header.size(), 16U);
    ASSERT_EQ(host::ranges_of(*parts).size(), 1U);
    EXPECT_EQ(host::ranges_of(*parts)[0].byte_offset, 4096U);
}

TEST(RecordedPacket, WithLengthsThatContradictEachOtherIsNone) {
    for (const std::uint16_t offset8 : std::initializer_list<std::uint16_t>{0, 1, 1000}) {
        Bytes bytes = in_band(1, init());
        base::store_at(bytes, offsetof(wire::PacketDescriptor, data_offset8), offset8);
        EXPECT_FALSE(host::parts_of(bytes)) << offset8;
    }
    EXPECT_FALSE(host::parts_of(Bytes(8)));
}

TEST(RecordedPacket, IsNamedByWhatItIsAbout) {
    EXPECT_EQ(to_string(kind_of_message(init(), {})), "INIT");
    EXPECT_EQ(to_string(kind_of_message(rndis_packet(), query(1))), "QUERY OID_GEN_LINK_SPEED");
    EXPECT_EQ(to_string(kind_of_message(rndis_packet(), {})), "SEND_RNDIS_PACKET");
}

TEST(RecordedPacket, QueriesAreToldApartByTheirOid) {
    const auto speed = kind_of_message(rndis_packet(), query(1));
    EXPECT_EQ(speed, kind_of_message(rndis_packet(), query(99)));
    EXPECT_NE(speed, kind_of_message(rndis_packet(), query(1, wire::Oid::kMaxLinkSpeed)));
}

TEST(RecordedPacket, AShutFilterTakesLeaveAndAnOpenOneBegins) {
    const auto kind = kind_of_message(rndis_packet(), set_filter(1, 0));
    EXPECT_TRUE(host::says_goodbye(kind, set_filter(1, 0)));
    EXPECT_FALSE(host::begins_something(kind, set_filter(1, 0)));
    EXPECT_FALSE(host::says_goodbye(kind, set_filter(1, 0x2D)));
    EXPECT_TRUE(host::begins_something(kind, set_filter(1, 0x2D)));
    EXPECT_TRUE(host::begins_something(kind_of_message(init(), {}), {}));
}

TEST(RecordedPacket, FramesAreFoundWithTheirTagsAsFarAsTheyAreWhole) {
    codec::PacketInfo tag;
    tag.has = codec::PacketInfo::kVlan;
    const Message two = data_message(frame(60, 1), {}, 4) + data_message(frame(76, 2), tag);
    std::vector<std::size_t> sizes;
    const auto count = [&sizes](base::Bytes frame) { sizes.push_back(frame.size()); };
    host::for_each_frame(two, count);
    host::for_each_frame(base::Bytes(two).first(two.size() - 1), count);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{60, 80, 60}));
}

TEST(RecordedPacket, TheFirstByteThatDiffersIsShown) {
    const Bytes one(4, std::byte{0x2D});
    Bytes other = one;
    EXPECT_EQ(host::difference_between(one, other, 0, 4), "");
    other[2] = std::byte{0x0D};
    EXPECT_EQ(host::difference_between(one, other, 0, 4),
              " differs at byte 2: expected 0x2d, got 0x0d");
    EXPECT_EQ(host::difference_between(one, base::Bytes(one).first(3), 0, 4),
              " differs at byte 3: expected 0x2d, got nothing");
    EXPECT_EQ(host::difference_between(one, one, 0, 8), "") << "both end before";
}

}  // namespace
}  // namespace vmbus
