// The packets of a ring against golden bytes: here, because a payload is a message of the codecs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <vector>

#include "ring/gpa_list.hpp"
#include "ring/reader.hpp"
#include "ring/writer.hpp"
#include "support/golden.hpp"
#include "wire/nvsp.hpp"

namespace {

using namespace vmbus;
using namespace vmbus::wire;
using test::golden;
using testing::ElementsAre;

constexpr std::uint32_t kStart = 0x120;  // where the golden packets stand, as their footers say
constexpr std::uint32_t kSize = 4096;

/// One direction of a channel in plain memory.
class RingGolden : public testing::Test {
protected:
    std::vector<std::byte> written(const ring::OutgoingPacket& packet) {
        ring::Writer writer(memory_, ring::Publication::kSingle, kStart);
        ring::Reservation place;
        EXPECT_EQ(writer.reserve(packet.ring_bytes(), place), ring::ReserveStatus::kOk);
        writer.fill(place).put(packet);
        std::vector<std::byte> bytes(packet.ring_bytes());
        memory_.copy_out(kStart, bytes);
        return bytes;
    }
    ring::PacketView parsed(const std::vector<std::byte>& packet) {
        memory_.copy_in(kStart, packet);
        ring::PacketView view;
        EXPECT_EQ(view.parse(memory_, kStart, static_cast<std::uint32_t>(packet.size()),
                             ring::FooterCheck::kStrict),
                  ring::PacketError::kNone);
        EXPECT_EQ(view.ring_bytes(), packet.size());
        return view;
    }
    /// What follows the descriptor in the golden packet, up to the payload.
    static base::Bytes part(const std::vector<std::byte>& packet, std::size_t from,
                            std::size_t size) {
        return base::Bytes(packet).subspan(from, size);
    }

    std::unique_ptr<RingPage> page_ = std::make_unique<RingPage>();
    std::vector<std::byte> data_ = std::vector<std::byte>(kSize);
    ring::MappedRing memory_{*page_, data_.data(), kSize};

    void SetUp() override {
        // relaxed: one thread.
        page_->in.store_relaxed(kStart);
        page_->out.store_relaxed(kStart);
    }
};

TEST_F(RingGolden, InBandPacketIsWrittenAndRead) {
    const auto bytes = golden("ring_in_band");
    EXPECT_EQ(written({.type = PacketType::kInBand,
                       .completion_requested = true,
                       .transaction_id = 0x1122334455667788,
                       .payload = part(bytes, 16, 40)}),
              bytes);
    const auto view = parsed(bytes);
    EXPECT_EQ(view.type(), PacketType::kInBand);
    EXPECT_TRUE(view.completion_requested());
    EXPECT_EQ(view.transaction_id(), 0x1122334455667788U);
    EXPECT_EQ(view.payload_size(), 40U);
    EXPECT_EQ(view.payload<NvspSendRndisPacket>()->send_section_index, 5U);
}

TEST_F(RingGolden, CompletionIsWrittenAndRead) {
    const auto bytes = golden("ring_completion");
    EXPECT_EQ(written({.type = PacketType::kCompletion,
                       .transaction_id = 0x8000000000000001,
                       .payload = part(bytes, 16, 32)}),
              bytes);
    const auto view = parsed(bytes);
    EXPECT_EQ(view.type(), PacketType::kCompletion);
    EXPECT_FALSE(view.completion_requested());
    EXPECT_EQ(view.transaction_id(), 0x8000000000000001U);
    EXPECT_EQ(view.payload<NvspSendRndisPacketComplete>()->status, 1U);
}

TEST_F(RingGolden, CompletionMayHaveNoPayload) {
    const auto bytes = golden("ring_completion_empty");
    EXPECT_EQ(written({.type = PacketType::kCompletion, .transaction_id = 42}), bytes);
    EXPECT_EQ(parsed(bytes).payload_size(), 0U);
    EXPECT_FALSE(parsed(bytes).payload<NvspHeader>());
}

TEST_F(RingGolden, TransferPagesAreWrittenAndRead) {
    const auto bytes = golden("ring_transfer_pages");
    EXPECT_EQ(written({.type = PacketType::kTransferPages,
                       .completion_requested = true,
                       .transaction_id = 16,
                       .header = part(bytes, 16, 24),
                       .payload = part(bytes, 40, 32)}),
              bytes);
    const auto view = parsed(bytes);
    EXPECT_EQ(view.pageset_id(), kReceiveBufferId);
    ASSERT_EQ(view.range_count(), 2U);
    EXPECT_EQ(view.transfer_range(0).byte_count, 1806U);
    EXPECT_EQ(view.transfer_range(0).byte_offset, 28896U);
    EXPECT_EQ(view.transfer_range(1).byte_count, 1806U);
    EXPECT_EQ(view.transfer_range(1).byte_offset, 32508U);
}

TEST_F(RingGolden, GpaDirectPacketIsWritten) {
    const auto bytes = golden("ring_gpa_direct");
    EXPECT_EQ(written({.type = PacketType::kGpaDirect,
                       .completion_requested = true,
                       .transaction_id = 7,
                       .header = part(bytes, 16, 48),
                       .payload = part(bytes, 64, 40)}),
              bytes);
}

TEST_F(RingGolden, GpaDirectRangesAreRead) {
    const auto view = parsed(golden("ring_gpa_direct"));
    ASSERT_EQ(view.range_count(), 2U);
    std::vector<std::byte> list(view.gpa_list_size());
    ASSERT_TRUE(view.copy_gpa_list(0, list));
    std::array<ring::GpaSpan, 4> spans{};
    const auto result = ring::parse_gpa_list(list, view.range_count(), spans);
    EXPECT_EQ(result.error, ring::GpaListError::kNone);
    EXPECT_EQ(result.bytes, 4296U);
    EXPECT_EQ(result.first_range_bytes, 4096U);
    ASSERT_EQ(result.spans, 3U);
    EXPECT_EQ(spans[0].gpa, 0x12345014U);
    EXPECT_EQ(spans[0].length, 4076U);
    EXPECT_EQ(spans[1].gpa, 0x777000U);
    EXPECT_EQ(spans[1].length, 20U);
    EXPECT_EQ(spans[2].gpa, 0xABCDE000U);
    EXPECT_EQ(spans[2].length, 200U);
}

}  // namespace
