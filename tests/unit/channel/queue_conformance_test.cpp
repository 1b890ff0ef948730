// What OpenVMM's host expects of a channel's queue, by the names of its tests
// (tests/conformance.list).
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "channel/channel.hpp"
#include "ring/gpa_list.hpp"
#include "support/flat_ring.hpp"
#include "support/recording_doorbell.hpp"

namespace vmbus::channel {
namespace {

using ring::Publication;
using ring::ReserveStatus;
using support::blob;
using support::Blob;

class QueueConformance : public testing::Test {
protected:
    using Channel = BasicChannel<support::RecordingDoorbell>;

    ring::PacketView sent(const ring::OutgoingPacket& packet) {
        EXPECT_EQ(guest_.send(packet), ReserveStatus::kOk);
        ring::PacketView view;
        EXPECT_TRUE(host_.rx().poll() && host_.rx().next(view));
        return view;
    }
    static ring::GpaList parse(const ring::PacketView& view, std::span<ring::GpaSpan> spans) {
        Blob list(view.gpa_list_size());
        view.copy_gpa_list(0, list);
        return ring::parse_gpa_list(list, view.range_count(), spans);
    }

    support::FlatRing to_host_;
    support::FlatRing to_guest_;
    support::RecordingDoorbell bells_[2];
    Channel guest_{to_host_.view(), to_guest_.view(), Publication::kSingle, bells_[0]};
    Channel host_{to_guest_.view(), to_host_.view(), Publication::kSingle, bells_[1]};
};

// conformance: test_gpa_direct
TEST_F(QueueConformance, TwoRangesOfPagesAndThePayloadSurviveTheTrip) {
    Blob header(256);
    base::store_at(header, 4, std::uint32_t{2});
    std::size_t at = sizeof(wire::GpaDirectHeader);
    at += ring::append_gpa_range(header, at, 0x5000 + 20, 4096);
    at += ring::append_gpa_range(header, at, 0x9000, 200);
    const auto payload = blob(40);
    const auto view = sent({.type = wire::PacketType::kGpaDirect,
                            .header = base::Bytes(header).first(at),
                            .payload = payload});
    std::array<ring::GpaSpan, 8> spans;
    const auto list = parse(view, spans);
    EXPECT_EQ(list.error, ring::GpaListError::kNone);
    EXPECT_EQ(list.bytes, 4296U);
    EXPECT_EQ(spans[0].gpa, 0x5014U);
    EXPECT_EQ(spans[list.spans - 1].gpa, 0x9000U);
    EXPECT_EQ(spans[list.spans - 1].length, 200U);
    Blob back(payload.size());
    EXPECT_TRUE(view.copy_payload(0, back));
    EXPECT_EQ(back, payload);
}

// conformance: test_gpa_direct_empty_external_data
TEST_F(QueueConformance, ARangeWithoutBytesIsAnErrorAndNoCrash) {
    Blob header(16);
    base::store_at(header, 4, std::uint32_t{1});
    const auto view = sent({.type = wire::PacketType::kGpaDirect, .header = header});
    std::array<ring::GpaSpan, 8> spans;
    EXPECT_NE(parse(view, spans).error, ring::GpaListError::kNone);
}

// conformance: test_transfer_pages
TEST_F(QueueConformance, ThreeTransferRangesNameTheBytesOfTheBuffer) {
    struct {
        wire::TransferPagesHeader header{.pageset_id = 13, .reserved = 0, .range_count = 3};
        std::array<wire::TransferPageRange, 3> ranges{
            {{.byte_count = 100, .byte_offset = 0},
             {.byte_count = 1806, .byte_offset = 4000},  // across a page
             {.byte_count = 8, .byte_offset = 12288}}};
    } pages;
    const auto view = sent({.type = wire::PacketType::kTransferPages,
                            .header = base::bytes_of(pages),
                            .payload = blob(32)});
    EXPECT_EQ(view.pageset_id(), 13U);
    ASSERT_EQ(view.range_count(), 3U);
    for (std::uint32_t i = 0; i < 3; ++i) {
        EXPECT_EQ(view.transfer_range(i).byte_count, pages.ranges[i].byte_count);
        EXPECT_EQ(view.transfer_range(i).byte_offset, pages.ranges[i].byte_offset);
    }
}

// conformance: test_ring_full
TEST_F(QueueConformance, WhatDoesNotFitGoesOnceThePeerHasDrained) {
    const auto big = blob(3000);
    ASSERT_EQ(guest_.send_in_band(big, 1, false), ReserveStatus::kOk);
    ASSERT_EQ(guest_.send_in_band(big, 2, false), ReserveStatus::kFull);
    ASSERT_TRUE(guest_.tx().ask_for_room(ring::packet_bytes(0, 3000)));
    ASSERT_TRUE(support::receive(host_.rx()));
    const int before = bells_[1].rings();
    host_.release_received();
    EXPECT_EQ(bells_[1].rings(), before + 1);
    EXPECT_EQ(guest_.send_in_band(big, 2, false), ReserveStatus::kOk);
}

}  // namespace
}  // namespace vmbus::channel
