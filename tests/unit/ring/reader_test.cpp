#include "ring/reader.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "ring/writer.hpp"
#include "support/flat_ring.hpp"

namespace vmbus::ring {
namespace {

using support::blob;
using support::FlatRing;
using support::payload_for;
using support::receive;

constexpr std::uint32_t kSize = 4096;

/// A ring with our reader; the test is the host that writes.
class RingReader : public testing::Test {
protected:
    void host_sends(std::uint32_t ring_bytes, std::uint64_t id = 0) {
        ASSERT_EQ(support::send(host_, blob(payload_for(ring_bytes)), id).status,
                  ReserveStatus::kOk);
    }
    void host_in(std::uint32_t in) { flat_.page().in.store_relaxed(in); }
    void host_wants(std::uint32_t bytes) { flat_.page().pending_send_size.store_relaxed(bytes); }
    bool take_and_release() { return receive(reader_).has_value() && reader_.release(); }

    FlatRing flat_{kSize};
    Writer host_{flat_.view(), Publication::kSingle};
    Reader reader_{flat_.view()};
    PacketView view_;
};

TEST_F(RingReader, FindsNothingInAnEmptyRing) {
    EXPECT_FALSE(reader_.poll());
    EXPECT_FALSE(reader_.next(view_));
    EXPECT_FALSE(reader_.release());
    EXPECT_EQ(reader_.error(), PacketError::kNone);
}

TEST_F(RingReader, TakesPacketsInOrder) {
    host_sends(32, 1);
    host_sends(48, 2);
    ASSERT_TRUE(reader_.poll());
    ASSERT_TRUE(reader_.next(view_));
    EXPECT_EQ(view_.transaction_id(), 1U);
    ASSERT_TRUE(reader_.next(view_));
    EXPECT_EQ(view_.transaction_id(), 2U);
    EXPECT_FALSE(reader_.next(view_));
}

TEST_F(RingReader, LooksAheadWithoutTaking) {
    EXPECT_FALSE(reader_.look_ahead(view_));
    host_sends(32, 1);
    host_sends(48, 2);
    EXPECT_FALSE(reader_.look_ahead(view_));  // not of what poll() does not know of
    ASSERT_TRUE(reader_.poll());
    for (std::uint64_t id = 1; id <= 2; ++id) {
        ASSERT_TRUE(reader_.look_ahead(view_));
        EXPECT_EQ(view_.transaction_id(), id);
        ASSERT_TRUE(reader_.next(view_));
        EXPECT_EQ(view_.transaction_id(), id);
    }
    EXPECT_FALSE(reader_.look_ahead(view_));
}

TEST_F(RingReader, LooksAheadAtWhatIsNoPacketWithoutAnEnd) {
    host_sends(32);
    flat_.data()[0] = std::byte{0xFF};  // its type
    ASSERT_TRUE(reader_.poll());
    EXPECT_FALSE(reader_.look_ahead(view_));
    EXPECT_EQ(reader_.error(), PacketError::kNone);
    EXPECT_FALSE(reader_.next(view_));
    EXPECT_NE(reader_.error(), PacketError::kNone);
}

TEST_F(RingReader, LooksAtTheIndexAgainOnlyWhenThePacketsAreUsedUp) {
    host_sends(32);
    ASSERT_TRUE(reader_.poll());
    host_in(UINT32_MAX);
    EXPECT_TRUE(reader_.poll());
    EXPECT_TRUE(reader_.next(view_));
    EXPECT_FALSE(reader_.poll());
    EXPECT_EQ(reader_.error(), PacketError::kBadIndex);
}

TEST_F(RingReader, PublishesItsIndexOnlyOnRelease) {
    host_sends(32);
    host_sends(32);
    EXPECT_TRUE(receive(reader_));
    EXPECT_TRUE(receive(reader_));
    EXPECT_EQ(flat_.out(), 0U);
    reader_.release();
    EXPECT_EQ(flat_.out(), 64U);
}

TEST_F(RingReader, NeverReadsItsOwnIndexBack) {
    host_sends(32);
    flat_.page().out.store_relaxed(UINT32_MAX);
    EXPECT_TRUE(receive(reader_));
    reader_.release();
    EXPECT_EQ(flat_.out(), 32U);
}

TEST_F(RingReader, AWriteIndexThatIsNotOneEndsItForGood) {
    for (const std::uint32_t bad : {kSize, kSize + 8, 4U, UINT32_MAX}) {
        Reader reader(flat_.view());
        host_in(bad);
        EXPECT_FALSE(reader.poll());
        EXPECT_EQ(reader.error(), PacketError::kBadIndex);
        host_in(32);
        EXPECT_FALSE(reader.poll());
    }
}

TEST_F(RingReader, BytesThatAreNoPacketEndItForGood) {
    host_in(64);  // zeroes: no descriptor has offset 0
    EXPECT_TRUE(reader_.poll());
    EXPECT_FALSE(reader_.next(view_));
    EXPECT_EQ(reader_.error(), PacketError::kBadLengths);
    EXPECT_FALSE(reader_.poll());
    EXPECT_FALSE(reader_.next(view_));
}

TEST_F(RingReader, APacketWhoseFooterLiesBeyondTheIndexIsRefused) {
    host_sends(32);
    host_in(24);
    EXPECT_TRUE(reader_.poll());
    EXPECT_FALSE(reader_.next(view_));
    EXPECT_EQ(reader_.error(), PacketError::kBadLengths);
}

TEST_F(RingReader, DoesNotSignalAWriterThatWaitsForNothing) {
    host_sends(4000);
    EXPECT_FALSE(take_and_release());
}

// free goes 88 -> 1088 -> 2088 -> 3088 -> 4088.
class RingReaderRoom : public RingReader {
protected:
    void SetUp() override {
        for (int i = 0; i < 4; ++i) host_sends(1000);
    }
};

TEST_F(RingReaderRoom, SignalsExactlyOnTheCrossing) {
    host_wants(2088);
    EXPECT_FALSE(take_and_release());
    EXPECT_TRUE(take_and_release());
    EXPECT_FALSE(take_and_release());
}

TEST_F(RingReaderRoom, OneUnitMoreWaitsForTheNextRelease) {
    host_wants(2096);
    EXPECT_FALSE(take_and_release());
    EXPECT_FALSE(take_and_release());
    EXPECT_TRUE(take_and_release());
}

TEST_F(RingReaderRoom, RoomThatWasThereBeforeIsNoCrossing) {
    host_wants(88);
    EXPECT_FALSE(take_and_release());
}

TEST_F(RingReaderRoom, IgnoresTheLowBitsOfTheSize) {
    host_wants(1095);  // 1088 | 7: some peers write a size minus one
    EXPECT_TRUE(take_and_release());
}

TEST_F(RingReaderRoom, CountsFromThePublishedIndexNotFromTheLastPacket) {
    host_wants(1088);
    EXPECT_TRUE(receive(reader_));
    EXPECT_TRUE(receive(reader_));
    EXPECT_TRUE(reader_.release());
}

TEST_F(RingReaderRoom, SeesTheCrossingThoughTheWriterCameRoundMeanwhile) {
    host_wants(992);
    ASSERT_TRUE(receive(reader_));
    host_in(0);  // another 96 bytes: as seen from the old read index, the ring now looks empty
    EXPECT_TRUE(reader_.release());
}

TEST_F(RingReaderRoom, ABadWriteIndexDoesNotMakeItSignal) {
    host_wants(1088);
    ASSERT_TRUE(receive(reader_));
    host_in(UINT32_MAX);
    EXPECT_FALSE(reader_.release());
}

TEST_F(RingReader, MasksAndUnmasks) {
    reader_.mask();
    EXPECT_EQ(flat_.page().interrupt_mask.load_relaxed(), 1U);
    EXPECT_FALSE(reader_.unmask_and_recheck());
    EXPECT_EQ(flat_.page().interrupt_mask.load_relaxed(), 0U);
}

TEST_F(RingReader, DoesNotSleepWhenAPacketCameMeanwhile) {
    EXPECT_FALSE(reader_.poll());
    host_sends(32);
    EXPECT_TRUE(reader_.unmask_and_recheck());
    EXPECT_TRUE(reader_.poll());
}

TEST_F(RingReader, CountsUnreadBytes) {
    host_sends(32);
    EXPECT_EQ(reader_.bytes_unread(), 32U);
    host_in(UINT32_MAX);
    EXPECT_EQ(reader_.bytes_unread(), 0U);
}

}  // namespace
}  // namespace vmbus::ring
