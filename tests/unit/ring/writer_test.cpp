#include "ring/writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/flat_ring.hpp"

namespace vmbus::ring {
namespace {

using support::blob;
using support::FlatRing;
using support::payload_for;
using support::receive;
using support::send;

constexpr std::uint32_t kSize = 4096;

/// A ring with our writer; the test is the host.
struct Pipe {
    explicit Pipe(Publication mode, std::uint32_t start = 0)
        : flat(kSize, start),
          writer(flat.view(), mode, start),
          reader(flat.view(), FooterCheck::kStrict, start) {}

    ReserveStatus reserve(std::uint32_t bytes) {
        Reservation ignored;
        return writer.reserve(bytes, ignored);
    }
    bool send_bytes(std::uint32_t ring_bytes) {
        return send(writer, blob(payload_for(ring_bytes))).signal;
    }
    void host_masks(std::uint32_t mask) { flat.page().interrupt_mask.store_relaxed(mask); }
    void host_out(std::uint32_t out) { flat.page().out.store_relaxed(out); }

    FlatRing flat;
    Writer writer;
    Reader reader;
};

class RingWriter : public testing::TestWithParam<Publication> {
protected:
    Pipe pipe_{GetParam()};
};

std::string mode_name(const testing::TestParamInfo<Publication>& mode) {
    switch (mode.param) {
        case Publication::kSingle: return "Single";
        case Publication::kOrdered: return "Ordered";
        case Publication::kRelaxed: return "Relaxed";
    }
    return "Unknown";
}
INSTANTIATE_TEST_SUITE_P(Modes, RingWriter,
                         testing::Values(Publication::kSingle, Publication::kOrdered,
                                         Publication::kRelaxed),
                         mode_name);

TEST_P(RingWriter, PacketSurvivesEveryWrapPosition) {
    for (std::uint32_t start = 0; start < kSize; start += kUnit) {
        Pipe pipe(GetParam(), start);
        const auto payload = blob(41, start);
        ASSERT_EQ(send(pipe.writer, payload, start).status, ReserveStatus::kOk);
        const auto packet = receive(pipe.reader);
        ASSERT_TRUE(packet) << start;
        ASSERT_EQ(packet->transaction_id, start);
        ASSERT_TRUE(std::ranges::equal(payload, base::Bytes(packet->payload).first(41)));
    }
}

TEST_P(RingWriter, EverySizeFromNothingToTheLargestArrives) {
    const auto largest = payload_for(Geometry(kSize).max_packet());
    for (std::size_t size = 0; size <= largest; size += size < 64 ? 1 : 61) {
        const auto payload = blob(size, size);
        ASSERT_EQ(send(pipe_.writer, payload).status, ReserveStatus::kOk) << size;
        const auto packet = receive(pipe_.reader);
        pipe_.reader.release();
        ASSERT_TRUE(packet) << size;
        ASSERT_EQ(packet->payload.size(), (size + 7) / 8 * 8);
        ASSERT_TRUE(std::ranges::equal(payload, base::Bytes(packet->payload).first(size)));
    }
}

TEST_P(RingWriter, TakesTheLargestPacketAndRefusesTheNextLargerForGood) {
    EXPECT_EQ(pipe_.reserve(kSize - 8), ReserveStatus::kTooLarge);
    EXPECT_EQ(pipe_.reserve(kSize), ReserveStatus::kTooLarge);
    EXPECT_EQ(pipe_.reserve(kSize - 16), ReserveStatus::kOk);
}

TEST_P(RingWriter, RefusesPacketOneUnitLargerThanFreeSpace) {
    for (std::uint32_t start = 0; start < kSize; start += 16 * kUnit) {
        Pipe pipe(GetParam(), start);
        pipe.send_bytes(4000);
        ASSERT_EQ(pipe.reserve(96), ReserveStatus::kFull) << start;  // free is 88
        ASSERT_EQ(pipe.reserve(88), ReserveStatus::kOk) << start;
        ASSERT_EQ(pipe.reserve(24), ReserveStatus::kFull) << start;
    }
}

TEST_P(RingWriter, FullRingHasRoomAgainWhenTheReaderReleases) {
    pipe_.send_bytes(2000);
    pipe_.send_bytes(2000);
    EXPECT_EQ(pipe_.reserve(2000), ReserveStatus::kFull);
    EXPECT_TRUE(receive(pipe_.reader));
    EXPECT_EQ(pipe_.reserve(2000), ReserveStatus::kFull);
    pipe_.reader.release();
    EXPECT_EQ(pipe_.reserve(2000), ReserveStatus::kOk);
}

TEST_P(RingWriter, PrefixTakesAsManyPacketsAsFit) {
    pipe_.send_bytes(3800);
    const std::vector<std::uint32_t> sizes{96, 96, 96, 96};  // free is 288
    Reservation place;
    std::size_t count = 0;
    EXPECT_EQ(pipe_.writer.reserve_prefix(sizes, place, count), ReserveStatus::kOk);
    EXPECT_EQ(count, 3U);
    EXPECT_EQ(Geometry(kSize).distance(place.start, place.end), 288U);
    EXPECT_EQ(pipe_.writer.reserve_prefix(sizes, place, count), ReserveStatus::kFull);
    EXPECT_EQ(count, 0U);
}

TEST_P(RingWriter, PrefixStopsBeforeAPacketThatNeverFits) {
    const std::vector<std::uint32_t> sizes{24, kSize};
    Reservation place;
    std::size_t count = 0;
    EXPECT_EQ(pipe_.writer.reserve_prefix(sizes, place, count), ReserveStatus::kOk);
    EXPECT_EQ(count, 1U);
}

TEST_P(RingWriter, ABurstIsPublishedAtOnce) {
    const std::vector<std::uint32_t> sizes{32, 32};
    Reservation place;
    std::size_t count = 0;
    ASSERT_EQ(pipe_.writer.reserve_prefix(sizes, place, count), ReserveStatus::kOk);
    auto filler = pipe_.writer.fill(place);
    filler.put({.transaction_id = 1, .payload = blob(8)});
    EXPECT_EQ(pipe_.flat.in(), 0U);
    filler.put({.transaction_id = 2, .payload = blob(8)});
    EXPECT_TRUE(pipe_.writer.publish(place));
    EXPECT_EQ(pipe_.flat.in(), 64U);
    EXPECT_EQ(receive(pipe_.reader)->transaction_id, 1U);
    EXPECT_EQ(receive(pipe_.reader)->transaction_id, 2U);
}

TEST_P(RingWriter, AReadIndexThatIsNotOneIsRefused) {
    for (const std::uint32_t bad : {kSize, kSize + 8, 4U, UINT32_MAX}) {
        Pipe pipe(GetParam());
        pipe.send_bytes(4000);
        pipe.host_out(bad);
        EXPECT_EQ(pipe.reserve(200), ReserveStatus::kBadIndex) << bad;
    }
}

TEST_P(RingWriter, ReadsThePeersIndexOnlyWhenTheRingLooksFull) {
    pipe_.host_out(UINT32_MAX);
    EXPECT_EQ(pipe_.reserve(4000), ReserveStatus::kOk);
    EXPECT_EQ(pipe_.reserve(200), ReserveStatus::kBadIndex);
}

TEST_P(RingWriter, NeverReadsItsOwnIndexBack) {
    pipe_.send_bytes(32);
    pipe_.flat.page().in.store_relaxed(UINT32_MAX);
    pipe_.send_bytes(32);
    EXPECT_EQ(pipe_.flat.in(), 64U);
}

TEST_P(RingWriter, SignalsOnlyWhenTheRingBecomesNonEmpty) {
    EXPECT_TRUE(pipe_.send_bytes(32));
    EXPECT_FALSE(pipe_.send_bytes(32));
    pipe_.host_out(32);
    EXPECT_FALSE(pipe_.send_bytes(32));  // one packet was left
    pipe_.host_out(96);
    EXPECT_TRUE(pipe_.send_bytes(32));
}

TEST_P(RingWriter, DoesNotSignalAReaderThatMasked) {
    pipe_.host_masks(1);
    EXPECT_FALSE(pipe_.send_bytes(32));
    pipe_.host_out(32);
    pipe_.host_masks(0);
    EXPECT_TRUE(pipe_.send_bytes(32));
}

TEST_P(RingWriter, QuestionForRoomIsWrittenAndWithdrawn) {
    pipe_.send_bytes(4000);
    EXPECT_TRUE(pipe_.writer.ask_for_room(96));
    EXPECT_EQ(pipe_.flat.page().pending_send_size.load_relaxed(), 96U);
    pipe_.writer.withdraw_request();
    EXPECT_EQ(pipe_.flat.page().pending_send_size.load_relaxed(), 0U);
}

TEST_P(RingWriter, DoesNotSleepWhenThereIsRoomAlready) {
    pipe_.send_bytes(4000);
    EXPECT_FALSE(pipe_.writer.ask_for_room(88));
    pipe_.host_out(4000);
    EXPECT_FALSE(pipe_.writer.ask_for_room(96));
}

TEST_P(RingWriter, DoesNotSleepOnAReadIndexThatIsNotOne) {
    pipe_.send_bytes(4000);
    pipe_.host_out(UINT32_MAX);
    EXPECT_FALSE(pipe_.writer.ask_for_room(96));
}

TEST_P(RingWriter, RunsRoundTheRingManyTimes) {
    for (std::uint64_t i = 0; i < 2000; ++i) {
        ASSERT_EQ(send(pipe_.writer, blob(i % 200, i), i).status, ReserveStatus::kOk);
        const auto packet = receive(pipe_.reader);
        ASSERT_TRUE(packet);
        ASSERT_EQ(packet->transaction_id, i);
        pipe_.reader.release();
    }
}

TEST_P(RingWriter, CountsBytesInFlight) {
    EXPECT_EQ(pipe_.writer.bytes_in_flight(), 0U);
    pipe_.send_bytes(96);
    EXPECT_EQ(pipe_.writer.bytes_in_flight(), 96U);
    EXPECT_TRUE(pipe_.writer.ok());
}

TEST(RingWriterManyProducers, AWaiterDoesNotSleepWhileAnotherHasNotPublished) {
    for (const auto mode : {Publication::kOrdered, Publication::kRelaxed}) {
        Pipe pipe(mode);
        Reservation other;
        ASSERT_EQ(pipe.writer.reserve(4000, other), ReserveStatus::kOk);
        EXPECT_FALSE(pipe.writer.ask_for_room(96));
        pipe.writer.fill(other).put({.payload = blob(payload_for(4000))});
        pipe.writer.publish(other);
        EXPECT_TRUE(pipe.writer.ask_for_room(96));
    }
}

/// kRelaxed: one producer is descheduled between reserve and publish.
class RelaxedWriter : public testing::Test {
protected:
    Reservation reserve(std::uint64_t id) {
        Reservation place;
        EXPECT_EQ(pipe_.writer.reserve(32, place), ReserveStatus::kOk);
        pipe_.writer.fill(place).put({.transaction_id = id, .payload = blob(8, id)});
        return place;
    }
    Pipe pipe_{Publication::kRelaxed};
};

TEST_F(RelaxedWriter, NothingIsPublishedPastAGapAndNobodyWaits) {
    const auto slow = reserve(0);
    const auto fast = reserve(1);
    EXPECT_FALSE(pipe_.writer.publish(fast));
    EXPECT_EQ(pipe_.flat.in(), 0U);
    EXPECT_TRUE(pipe_.writer.publish(slow));
    EXPECT_EQ(pipe_.flat.in(), 64U);
}

TEST_F(RelaxedWriter, WhoFillsTheOldestGapPublishesUpToTheNext) {
    const auto first = reserve(0);
    const auto second = reserve(1);
    const auto third = reserve(2);
    const auto fourth = reserve(3);
    pipe_.writer.publish(second);
    pipe_.writer.publish(fourth);
    EXPECT_TRUE(pipe_.writer.publish(first));
    EXPECT_EQ(pipe_.flat.in(), 64U);
    EXPECT_FALSE(pipe_.writer.publish(third));
    EXPECT_EQ(pipe_.flat.in(), 128U);
    for (std::uint64_t i = 0; i < 4; ++i) {
        EXPECT_EQ(receive(pipe_.reader)->transaction_id, i);
    }
}

TEST_F(RelaxedWriter, MarksOfEarlierLapsAreNotMistakenForThisOne) {
    for (std::uint64_t lap = 0; lap < 3 * kSize / 32; ++lap) {
        const auto slow = reserve(2 * lap);
        const auto fast = reserve(2 * lap + 1);
        pipe_.writer.publish(fast);
        ASSERT_EQ(pipe_.flat.in(), slow.start.index());
        pipe_.writer.publish(slow);
        ASSERT_EQ(receive(pipe_.reader)->transaction_id, 2 * lap);
        ASSERT_EQ(receive(pipe_.reader)->transaction_id, 2 * lap + 1);
        pipe_.reader.release();
    }
}

TEST(AbandonedWriter, NobodyWaitsForAProducerThatNeverPublishes) {
    Pipe pipe(Publication::kOrdered);
    Reservation dead;
    Reservation behind;
    ASSERT_EQ(pipe.writer.reserve(64, dead), ReserveStatus::kOk);
    ASSERT_EQ(pipe.writer.reserve(64, behind), ReserveStatus::kOk);
    pipe.writer.abandon();
    EXPECT_FALSE(pipe.writer.publish(behind));
    EXPECT_EQ(pipe.flat.page().in.load_relaxed(), 0U) << "the host never sees what is not written";
}

}  // namespace
}  // namespace vmbus::ring
