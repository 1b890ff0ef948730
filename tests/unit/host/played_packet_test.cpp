#include "host/played_packet.hpp"

#include <gtest/gtest.h>

#include "host/recorded_packet.hpp"
#include "support/guest.hpp"
#include "support/written_record.hpp"

namespace vmbus::host {
namespace {

using namespace support;

constexpr std::uint32_t kPiece = 2048;

std::uint64_t id_of(const PlayedPacket& packet) {
    return parts_of(packet.packet)->descriptor.transaction_id;
}
/// Frames of one piece at `offset`.
PlayedPacket frames_at(std::uint32_t offset) {
    return played_packet(0, transfer(offset / kPiece, offset, kPiece, wire::kNvspChannelData),
                         data_message(frame(60)), {});
}

TEST(PlayedPacket, CompletesUnderTheIdOfThisGuest) {
    const auto played = played_packet(2, completion(7, rndis_done()), {}, {.packet = 99});
    EXPECT_EQ(id_of(played), 99U);
    EXPECT_EQ(played.channel, 2U);
    EXPECT_TRUE(played.ranges.empty());
}

TEST(PlayedPacket, RepliesToTheRequestOfThisGuestInItsBuffer) {
    Bytes reply(256);
    reply.resize(codec::encode_query_complete(reply, 7, wire::RndisStatus::kSuccess, {}));
    const auto played = played_packet(0, transfer(16, 4096, 64), reply,
                                      {.packet = 99, .request = 5, .receive_buffer = 0xBEEF});
    EXPECT_EQ(id_of(played), 16U) << "the host's own";
    EXPECT_EQ(base::load_at<std::uint32_t>(played.data, kRequestIdOffset), 5U);
    EXPECT_EQ(base::load_at<std::uint16_t>(played.packet, sizeof(wire::PacketDescriptor)), 0xBEEF);
    EXPECT_FALSE(played.has_frames);
}

TEST(PlayedPacket, StaysAsItWasWhenItIsBroken) {
    const Bytes broken(24, std::byte{0xFF});
    EXPECT_EQ(played_packet(0, broken, {}, {.packet = 99}).packet, broken);
}

TEST(PlayedPacket, FramesGoToTheNextPlaceThatIsFreeAndTheIdWithThem) {
    auto played = frames_at(0);
    ASSERT_TRUE(played.has_frames);
    LentRanges lent;
    lent.lend(0, {{kPiece, 0}});
    lent.lend(1, {{kPiece, kPiece}});
    ASSERT_TRUE(move_from_lent(played, lent, 4 * kPiece));
    EXPECT_EQ(played.ranges[0].byte_offset, 2 * kPiece);
    EXPECT_EQ(id_of(played), 2U);
    EXPECT_EQ(ranges_of(*parts_of(played.packet))[0].byte_offset, 2 * kPiece);
}

TEST(PlayedPacket, FramesStayWhereThereIsNoOtherPlace) {
    auto played = frames_at(0);
    LentRanges lent;
    lent.lend(0, {{4 * kPiece, 0}});
    EXPECT_FALSE(move_from_lent(played, lent, 4 * kPiece));
    EXPECT_EQ(played.ranges[0].byte_offset, 0U);
    EXPECT_EQ(id_of(played), 0U);
}

TEST(PlayedPacket, ControlMessagesAreNotMoved) {
    auto played = played_packet(0, transfer(0, 0, kPiece), query(1), {});
    LentRanges lent;
    lent.lend(0, {{kPiece, 0}});
    EXPECT_FALSE(move_from_lent(played, lent, 4 * kPiece));
}

}  // namespace
}  // namespace vmbus::host
