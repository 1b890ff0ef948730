#include "host/playback.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/nvsp_codec.hpp"
#include "codec/rndis_codec.hpp"
#include "support/flat_ring.hpp"
#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Outbox;
using host::Playback;
using host::RecordKind;
using support::receive;
using Bytes = std::vector<std::byte>;

constexpr std::uint64_t kRecordedId = 0x100;

Bytes packet(wire::PacketType type, base::Bytes header, base::Bytes payload, std::uint64_t id) {
    const wire::PacketDescriptor descriptor{
        .type = static_cast<std::uint16_t>(type),
        .data_offset8 = static_cast<std::uint16_t>((sizeof descriptor + header.size()) / 8),
        .length8 =
            static_cast<std::uint16_t>((sizeof descriptor + header.size() + payload.size()) / 8),
        .flags = 0,
        .transaction_id = id};
    const auto head = base::bytes_of(descriptor);
    Bytes bytes(head.begin(), head.end());
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
}

template <class Message>
Bytes nvsp(wire::NvspType type, Message message) {
    message.type = static_cast<std::uint32_t>(type);
    const auto bytes = codec::encode_nvsp(message);
    return {bytes.begin(), bytes.end()};
}

Bytes init(std::uint32_t version) {
    return nvsp(wire::NvspType::kInit, wire::NvspInit{0, version, version});
}
Bytes rndis_packet(std::uint32_t channel) {
    return nvsp(wire::NvspType::kSendRndisPacket,
                wire::NvspSendRndisPacket{0, channel, wire::kNoSendSection, 0});
}
Bytes query(std::uint32_t request, wire::Oid oid) {
    Bytes bytes(256);
    bytes.resize(codec::encode_query(bytes, request, oid));
    return bytes;
}

Playback::Step guest(Bytes payload, Bytes data = {}, std::uint64_t id = kRecordedId) {
    return {RecordKind::kFromGuest, packet(wire::PacketType::kInBand, {}, payload, id), data};
}
Playback::Step completion(std::uint64_t id = kRecordedId) {
    return {RecordKind::kToGuest,
            packet(wire::PacketType::kCompletion, {},
                   nvsp(wire::NvspType::kInitComplete, wire::NvspInitComplete{0, 2, 34, 1}), id),
            {}};
}

class PlaybackTest : public testing::Test {
protected:
    void record(std::vector<Playback::Step> steps) { playback.emplace(std::move(steps)); }
    /// Ids of what was said.
    std::vector<std::uint64_t> said() {
        playback->speak(outbox, buffer);
        outbox.flush();
        std::vector<std::uint64_t> ids;
        while (const auto next = receive(reader)) {
            ids.push_back(next->transaction_id);
        }
        reader.release();
        return ids;
    }

    support::FlatRing ring{4096};
    support::CountingInterrupt interrupt;
    host::Counters counters;
    host::FaultEngine faults;
    host::SendBuffer sections;
    Outbox outbox{ring.view(), sections, interrupt, counters, faults};
    ring::Reader reader{ring.view(), ring::FooterCheck::kStrict};
    Bytes buffer = Bytes(8192);
    std::optional<Playback> playback;
};

TEST_F(PlaybackTest, AnswersWithTheIdOfThisGuest) {
    record({guest(init(2)), completion()});
    EXPECT_THAT(said(), testing::IsEmpty());
    playback->heard(7, init(2), {});
    EXPECT_THAT(said(), testing::ElementsAre(7));
    EXPECT_TRUE(playback->finished());
    EXPECT_FALSE(playback->diverged());
}

TEST_F(PlaybackTest, SaysNothingToAnotherRequest) {
    record({guest(init(2)), completion()});
    playback->heard(7, rndis_packet(1), query(1, wire::Oid::kLinkSpeed));
    EXPECT_THAT(said(), testing::IsEmpty());
    EXPECT_TRUE(playback->diverged());
    EXPECT_THAT(playback->difference(), testing::HasSubstr("step 1: recorded was NVSP message 1"));
}

TEST_F(PlaybackTest, TellsQueriesApartByTheirOid) {
    record({guest(rndis_packet(1), query(5, wire::Oid::kLinkSpeed))});
    playback->heard(7, rndis_packet(1), query(5, wire::Oid::kMaxLinkSpeed));
    said();
    EXPECT_TRUE(playback->diverged());
}

TEST_F(PlaybackTest, CompletesFramesWhetherRecordedOrNot) {
    const Bytes frame(64, std::byte{1});
    Bytes message = frame;
    base::store_at(message, 0, std::uint32_t{1});
    record({guest(init(2)), completion(), guest(rndis_packet(0), message, 0x200)});
    playback->heard(21, rndis_packet(0), message);
    playback->heard(22, rndis_packet(0), message);
    EXPECT_THAT(said(), testing::ElementsAre(21, 22));
    EXPECT_FALSE(playback->finished());
    playback->heard(7, init(2), {});
    EXPECT_THAT(said(), testing::ElementsAre(7));
    EXPECT_TRUE(playback->finished());
}

TEST_F(PlaybackTest, PutsRangesWhereTheyWereAndRequestIdsRight) {
    struct {
        wire::TransferPagesHeader head{0xCAFE, 0, 1};
        wire::TransferPageRange range{16, 4096};
    } const header;
    Bytes reply(16);
    base::store_at(reply, 0, wire::RndisHeader{0x80000004, 16});
    base::store_at(reply, 8, std::uint32_t{5});
    const auto hand_over = [](std::uint16_t id) {
        return nvsp(wire::NvspType::kSendReceiveBuffer, wire::NvspSendReceiveBuffer{0, 1, id, 0});
    };
    record({guest(hand_over(0xCAFE), {}, 0x99),
            guest(rndis_packet(1), query(5, wire::Oid::kLinkSpeed)),
            {RecordKind::kToGuest,
             packet(wire::PacketType::kTransferPages, base::bytes_of(header), rndis_packet(1), 3),
             reply}});
    playback->heard(1, hand_over(0xBEEF), {});
    playback->heard(2, rndis_packet(1), query(77, wire::Oid::kLinkSpeed));
    playback->speak(outbox, buffer);
    ring::PacketView view;
    ASSERT_TRUE(reader.poll() && reader.next(view));
    EXPECT_EQ(view.pageset_id(), 0xBEEF);
    EXPECT_EQ(base::load_at<std::uint32_t>(buffer, 4096 + 8), 77U);
}

TEST_F(PlaybackTest, RangesOutsideTheBufferAreLeftOut) {
    struct {
        wire::TransferPagesHeader head{0xCAFE, 0, 1};
        wire::TransferPageRange range{16, 0xFFFFFFF8};
    } const header;
    record({{RecordKind::kToGuest,
             packet(wire::PacketType::kTransferPages, base::bytes_of(header), rndis_packet(1), 3),
             Bytes(16, std::byte{9})}});
    EXPECT_THAT(said(), testing::ElementsAre(3));
    EXPECT_EQ(buffer, Bytes(8192));
}

TEST_F(PlaybackTest, WaitsForRoomInTheRing) {
    record({guest(init(2)), completion()});
    playback->heard(7, init(2), {});
    while (outbox.send({.type = wire::PacketType::kInBand, .transaction_id = 1})) {
    }
    EXPECT_FALSE(playback->speak(outbox, buffer));
    EXPECT_FALSE(playback->finished());
    while (receive(reader)) {
    }
    reader.release();
    EXPECT_THAT(said(), testing::ElementsAre(7));
}

}  // namespace
}  // namespace vmbus
