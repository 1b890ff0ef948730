#include "ring/packet_view.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "support/flat_ring.hpp"

namespace vmbus::ring {
namespace {

using support::blob;
using support::FlatRing;

/// The host writes any bytes; what does the view say?
class PacketViewTest : public testing::TestWithParam<std::uint32_t> {
protected:
    void host_writes(std::uint32_t offset, base::Bytes bytes) {
        memory_.copy_in(Geometry(4096).advance(at_, offset), bytes);
    }
    void host_writes(const wire::PacketDescriptor& descriptor) {
        host_writes(0, base::bytes_of(descriptor));
        const wire::PacketFooter footer{.reserved = 0, .start = at_};
        host_writes(descriptor.length8 * 8U, base::bytes_of(footer));
    }
    PacketError parse(std::uint32_t available = 1024, FooterCheck check = FooterCheck::kStrict) {
        return view_.parse(memory_, at_, available, check);
    }
    PacketError parse(const wire::PacketDescriptor& descriptor, std::uint32_t available = 1024) {
        host_writes(descriptor);
        return parse(available);
    }

    const std::uint32_t at_ = GetParam();
    FlatRing flat_;
    MappedRing memory_ = flat_.view();
    PacketView view_;
};
/// In the middle, and with the end of the ring inside descriptor, header and payload.
INSTANTIATE_TEST_SUITE_P(Positions, PacketViewTest, testing::Values(0U, 2048U, 4088U, 4080U, 4056U),
                         testing::PrintToStringParamName());

TEST_P(PacketViewTest, ReadsAnInBandPacket) {
    host_writes(16, blob(40));
    ASSERT_EQ(parse({6, 2, 7, 1, 77}), PacketError::kNone);
    EXPECT_EQ(view_.type(), wire::PacketType::kInBand);
    EXPECT_EQ(view_.transaction_id(), 77U);
    EXPECT_TRUE(view_.completion_requested());
    EXPECT_EQ(view_.payload_size(), 40U);
    EXPECT_EQ(view_.ring_bytes(), 64U);
    EXPECT_EQ(view_.range_count(), 0U);
}

// defect: 4.3-6 where the payload is was checked in the copy that is used
TEST_P(PacketViewTest, ADescriptorThatChangesLaterMovesNothing) {
    host_writes(16, blob(40));
    ASSERT_EQ(parse({6, 2, 7, 0, 0}), PacketError::kNone);
    const wire::PacketDescriptor other{6, 0xFFFF, 0xFFFF, 0, 0};
    host_writes(0, base::bytes_of(other));
    EXPECT_EQ(view_.payload_size(), 40U);
    support::Blob all(40);
    EXPECT_TRUE(view_.copy_payload(0, all));
    EXPECT_TRUE(std::ranges::equal(all, base::Bytes(blob(40))));
}

TEST_P(PacketViewTest, CopiesOnlyWhatLiesInsideThePayload) {
    host_writes(16, blob(40));
    ASSERT_EQ(parse({11, 2, 7, 0, 0}), PacketError::kNone);
    support::Blob part(8);
    EXPECT_TRUE(view_.copy_payload(32, part));
    EXPECT_TRUE(std::ranges::equal(part, base::Bytes(blob(40)).subspan(32)));
    EXPECT_FALSE(view_.copy_payload(33, part));
    EXPECT_FALSE(view_.copy_payload(UINT32_MAX, part));
    EXPECT_TRUE(view_.copy_payload(40, {}));
    EXPECT_EQ(view_.payload<std::uint64_t>(40), std::nullopt);
    EXPECT_EQ(view_.payload<std::uint64_t>(8), base::load_at<std::uint64_t>(blob(40), 8));
}

TEST_P(PacketViewTest, AnEmptyPayloadIsAPacket) {
    EXPECT_EQ(parse({11, 2, 2, 0, 5}, 24), PacketError::kNone);
    EXPECT_EQ(view_.payload_size(), 0U);
}

TEST_P(PacketViewTest, ShortData) {
    EXPECT_EQ(parse(0), PacketError::kShortData);
    EXPECT_EQ(parse(8), PacketError::kShortData);
}

TEST_P(PacketViewTest, BadLengths) {
    EXPECT_EQ(parse({6, 1, 7, 0, 0}), PacketError::kBadLengths);
    EXPECT_EQ(parse({6, 4, 3, 0, 0}), PacketError::kBadLengths);
    EXPECT_EQ(parse({6, 2, 7, 0, 0}, 56), PacketError::kBadLengths);  // without its footer
    EXPECT_EQ(parse({6, 2, 7, 0, 0}, 64), PacketError::kNone);
    host_writes(0, base::bytes_of(wire::PacketDescriptor{6, 2, 0xFFFF, 0, 0}));
    EXPECT_EQ(parse(4088), PacketError::kBadLengths);
}

TEST_P(PacketViewTest, BadFlags) {
    EXPECT_EQ(parse({6, 2, 7, 2, 0}), PacketError::kBadFlags);
    EXPECT_EQ(parse({6, 2, 7, 0x8001, 0}), PacketError::kBadFlags);
}

TEST_P(PacketViewTest, BadType) {
    for (const auto type : std::initializer_list<std::uint16_t>{0, 1, 5, 8, 10, 12, 0xFFFF}) {
        EXPECT_EQ(parse({type, 2, 7, 0, 0}), PacketError::kBadType) << type;
    }
}

TEST_P(PacketViewTest, BadFooterCountsOnlyWhenAsked) {
    host_writes({6, 2, 7, 0, 0});
    host_writes(56 + 4, base::bytes_of(at_ + 8));
    EXPECT_EQ(parse(), PacketError::kBadFooter);
    EXPECT_EQ(parse(1024, FooterCheck::kIgnore), PacketError::kNone);
}

TEST_P(PacketViewTest, TransferPageRangesAreRead) {
    host_writes(16, base::bytes_of(wire::TransferPagesHeader{0xCAFE, 0xFFFF, 2}));
    host_writes(24, base::bytes_of(wire::TransferPageRange{100, 4096}));
    host_writes(32, base::bytes_of(wire::TransferPageRange{200, 8192}));
    ASSERT_EQ(parse({7, 5, 6, 0, 0}), PacketError::kNone);
    EXPECT_EQ(view_.pageset_id(), 0xCAFE);
    ASSERT_EQ(view_.range_count(), 2U);
    EXPECT_EQ(view_.transfer_range(1).byte_count, 200U);
    EXPECT_EQ(view_.transfer_range(1).byte_offset, 8192U);
}

// conformance: test_malformed_transfer_page_packet
TEST_P(PacketViewTest, TransferPagesWithoutRoomForTheirHeaderAreBadLengths) {
    EXPECT_EQ(parse({7, 2, 6, 0, 0}), PacketError::kBadLengths);
}

TEST_P(PacketViewTest, TransferPagesMayHaveNoRangeButNoneOutsideTheHeader) {
    for (const std::uint32_t count : {0U, 2U}) {
        host_writes(16, base::bytes_of(wire::TransferPagesHeader{1, 0, count}));
        EXPECT_EQ(parse({7, 5, 6, 0, 0}), PacketError::kNone) << count;
    }
    for (const std::uint32_t count : {3U, 0x20000000U, UINT32_MAX}) {
        host_writes(16, base::bytes_of(wire::TransferPagesHeader{1, 0, count}));
        EXPECT_EQ(parse({7, 5, 6, 0, 0}), PacketError::kBadRangeCount) << count;
    }
}

TEST_P(PacketViewTest, GpaListIsCopiedFromWithinTheHeader) {
    host_writes(16, base::bytes_of(wire::GpaDirectHeader{0xFFFF, 1}));
    host_writes(24, blob(16));
    ASSERT_EQ(parse({9, 5, 6, 0, 0}), PacketError::kNone);
    EXPECT_EQ(view_.range_count(), 1U);
    ASSERT_EQ(view_.gpa_list_size(), 16U);
    support::Blob list(16);
    EXPECT_TRUE(view_.copy_gpa_list(0, list));
    EXPECT_EQ(list, blob(16));
    EXPECT_FALSE(view_.copy_gpa_list(8, list));
}

// conformance: test_malformed_gpa_direct_packet
TEST_P(PacketViewTest, GpaDirectWithoutRoomForItsHeaderIsBadLengths) {
    EXPECT_EQ(parse({9, 2, 6, 0, 0}), PacketError::kBadLengths);
}

TEST_P(PacketViewTest, GpaDirectNeedsARangeAndNoneOutsideTheHeader) {
    for (const std::uint32_t count : {0U, 3U, 0x20000000U, UINT32_MAX}) {
        host_writes(16, base::bytes_of(wire::GpaDirectHeader{0, count}));
        EXPECT_EQ(parse({9, 5, 6, 0, 0}), PacketError::kBadRangeCount) << count;
    }
}

TEST_P(PacketViewTest, AViewForgetsTheRangesOfTheLastPacket) {
    host_writes(16, base::bytes_of(wire::TransferPagesHeader{1, 0, 2}));
    ASSERT_EQ(parse({7, 5, 6, 0, 0}), PacketError::kNone);
    ASSERT_EQ(parse({6, 2, 3, 0, 0}), PacketError::kNone);
    EXPECT_EQ(view_.range_count(), 0U);
    EXPECT_EQ(view_.pageset_id(), 0U);
}

TEST(PacketErrorNames, AreAllDifferent) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < kPacketErrors; ++i) {
        names.insert(to_string(static_cast<PacketError>(i)));
    }
    EXPECT_EQ(names.size(), kPacketErrors);
    EXPECT_EQ(names.count("unknown"), 0U);
}

}  // namespace
}  // namespace vmbus::ring
