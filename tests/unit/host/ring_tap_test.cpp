#include "host/ring_tap.hpp"

#include <gtest/gtest.h>

#include "host/record_reader.hpp"
#include "ring/reader.hpp"
#include "ring/writer.hpp"
#include "support/flat_ring.hpp"
#include "support/port_driver.hpp"

namespace vmbus {
namespace {

using host::Record;
using host::RecordKind;
using host::RingTap;

/// A ring, and what a tap on it recorded.
class RingTapTest : public testing::Test {
protected:
    void SetUp() override {
        std::string why;
        recorder = host::Recorder::create(path, why);
        ASSERT_NE(recorder, nullptr) << why;
        ASSERT_TRUE(receive.attach(memory, 0xCAFE, 1514));
        tap.emplace(recorder.get(), host::RecordPlace{.nic = 1, .channel = 2}, receive);
    }
    /// Writes one packet, and shows it to the tap as the host does.
    void send(const ring::OutgoingPacket& packet) {
        ring::Reservation place;
        const std::uint32_t bytes = packet.ring_bytes();
        std::size_t count = 0;
        ASSERT_EQ(writer.reserve_prefix(std::span(&bytes, 1), place, count),
                  ring::ReserveStatus::kOk);
        writer.fill(place).put(packet);
        tap->to_guest(writer.memory(), place.start.index(), place.end.index());
        writer.publish(place);
    }
    /// The next record after the one that the channel was opened.
    std::optional<Record> recorded() {
        if (reading == nullptr) {
            tap.reset();
            recorder.reset();
            std::string why;
            reading = host::RecordReader::open(path, why);
            EXPECT_EQ(reading->next()->kind, RecordKind::kOpened);
        }
        return reading->next();
    }

    test::ScratchFolder folder;
    std::string path = folder.file("session");
    std::unique_ptr<host::Recorder> recorder;
    std::unique_ptr<host::RecordReader> reading;
    std::vector<std::byte> memory = std::vector<std::byte>(1 << 20);
    host::ReceiveBuffer receive;
    support::FlatRing ring{4096};
    ring::Writer writer{ring.view(), ring::Publication::kSingle};
    std::optional<RingTap> tap;
};

TEST_F(RingTapTest, RecordsAPacketWithTheRangesThatItPointsTo) {
    struct {
        wire::TransferPagesHeader head{0xCAFE, 0, 2};
        wire::TransferPageRange range[2] = {{3, 100}, {2, 5000}};
    } const header;
    memory[100] = std::byte{'a'};
    memory[5001] = std::byte{'b'};
    send({.type = wire::PacketType::kTransferPages,
          .transaction_id = 9,
          .header = base::bytes_of(header)});
    const auto record = recorded();
    ASSERT_TRUE(record);
    EXPECT_EQ(record->kind, RecordKind::kToGuest);
    EXPECT_EQ(record->place.channel, 2);
    EXPECT_EQ(base::load_at<wire::PacketDescriptor>(record->packet, 0).transaction_id, 9U);
    ASSERT_EQ(record->data.size(), 5U);
    EXPECT_EQ(record->data[0], std::byte{'a'});
    EXPECT_EQ(record->data[4], std::byte{'b'});
    EXPECT_EQ(recorded()->kind, RecordKind::kClosed);
}

TEST_F(RingTapTest, RangesOutsideTheBufferEndTheData) {
    struct {
        wire::TransferPagesHeader head{0xCAFE, 0, 0xFFFFFFFF};
        wire::TransferPageRange range[2] = {{3, 100}, {2, 0xFFFFFFFF}};
    } const header;
    send({.type = wire::PacketType::kTransferPages, .header = base::bytes_of(header)});
    EXPECT_EQ(recorded()->data.size(), 3U);
}

TEST_F(RingTapTest, APacketWithoutALengthTakesAllThatFollow) {
    ring::Reservation place;
    const std::uint32_t sizes[] = {24, 24};
    std::size_t count = 0;
    ASSERT_EQ(writer.reserve_prefix(sizes, place, count), ring::ReserveStatus::kOk);
    auto filler = writer.fill(place);
    filler.put({.transaction_id = 1});
    filler.put({.transaction_id = 2});
    const std::uint16_t nonsense = 0x7FFF;
    writer.memory().copy_in(place.start.index() + 4, base::bytes_of(nonsense));
    tap->to_guest(writer.memory(), place.start.index(), place.end.index());
    EXPECT_EQ(recorded()->packet.size(), 40U);
    EXPECT_EQ(recorded()->kind, RecordKind::kClosed);
}

TEST_F(RingTapTest, RecordsWhatTheGuestSentAndPointedTo) {
    ring::Reader reader{ring.view(), ring::FooterCheck::kStrict};
    ring::Reservation place;
    const ring::OutgoingPacket packet{.transaction_id = 5};
    const std::uint32_t bytes = packet.ring_bytes();
    std::size_t count = 0;
    ASSERT_EQ(writer.reserve_prefix(std::span(&bytes, 1), place, count), ring::ReserveStatus::kOk);
    writer.fill(place).put(packet);
    writer.publish(place);
    ring::PacketView view;
    ASSERT_TRUE(reader.poll() && reader.next(view));
    tap->begin_from_guest(view);
    tap->points_to(base::Bytes(memory).first(7));
    tap->end_from_guest();
    const auto record = recorded();
    EXPECT_EQ(record->kind, RecordKind::kFromGuest);
    EXPECT_EQ(record->packet.size(), 16U);
    EXPECT_EQ(record->data.size(), 7U);
}

TEST(RingTap, WithoutARecorderDoesNothing) {
    const host::ReceiveBuffer receive;
    RingTap tap(nullptr, {}, receive);
    tap.points_to({});
    tap.end_from_guest();
    EXPECT_FALSE(tap.active());
}

}  // namespace
}  // namespace vmbus
