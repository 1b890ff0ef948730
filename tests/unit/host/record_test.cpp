#include "host/record.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vmbus::host {
namespace {

std::vector<std::byte> bytes_with(RecordHeader header, std::size_t behind) {
    std::vector<std::byte> bytes(sizeof header + behind, std::byte{7});
    base::store_at(bytes, 0, header);
    return bytes;
}

RecordHeader packet_of(std::uint32_t packet_bytes, std::uint32_t data_bytes) {
    return {.version = kRecordVersion,
            .kind = static_cast<std::uint8_t>(RecordKind::kFromGuest),
            .nic = 3,
            .reserved = 0,
            .channel = 5,
            .reserved2 = 0,
            .packet_bytes = packet_bytes,
            .data_bytes = data_bytes};
}

TEST(Record, IsCutIntoPacketAndData) {
    const auto bytes = bytes_with(packet_of(16, 8), 24);
    const auto record = parse_record(bytes, 99);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->kind, RecordKind::kFromGuest);
    EXPECT_EQ(record->place.nic, 3);
    EXPECT_EQ(record->place.channel, 5);
    EXPECT_EQ(record->time_ns, 99U);
    EXPECT_EQ(record->packet.size(), 16U);
    EXPECT_EQ(record->data.data(), bytes.data() + sizeof(RecordHeader) + 16);
    EXPECT_EQ(record->data.size(), 8U);
    EXPECT_EQ(record->data_cut_off, 0U);
}

TEST(Record, SaysHowMuchDataIsMissing) {
    const auto record = parse_record(bytes_with(packet_of(16, 100), 24), 0);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->data.size(), 8U);
    EXPECT_EQ(record->data_cut_off, 92U);
}

TEST(Record, IsNoneWhenThePacketIsNotThere) {
    EXPECT_FALSE(parse_record(bytes_with(packet_of(25, 0), 24), 0));
    EXPECT_FALSE(parse_record(bytes_with(packet_of(UINT32_MAX, 0), 24), 0));
    EXPECT_FALSE(parse_record(base::Bytes(), 0));
}

TEST(Record, IsNoneOfAnotherVersionOrKind) {
    RecordHeader header = packet_of(0, 0);
    header.version = kRecordVersion + 1;
    EXPECT_FALSE(parse_record(bytes_with(header, 0), 0));
    header = packet_of(0, 0);
    header.kind = 0;
    EXPECT_FALSE(parse_record(bytes_with(header, 0), 0));
    header.kind = 6;
    EXPECT_FALSE(parse_record(bytes_with(header, 0), 0));
}

}  // namespace
}  // namespace vmbus::host
