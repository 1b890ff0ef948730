#include "host/fault_ring.hpp"

#include <gtest/gtest.h>

#include "support/flat_ring.hpp"

namespace vmbus::host {
namespace {

using ring::PacketError;

/// A host with one fault in its script, and the guest that reads its ring.
struct Spoilt {
    explicit Spoilt(Fault fault, std::uint8_t how = 0)
        : engine({{.what = fault, .how = how}}), faults(engine) {}

    PacketError read() {
        support::send(writer, support::blob(40), 1);
        EXPECT_TRUE(support::receive(reader));
        const ring::OutgoingPacket packet{.transaction_id = 2, .payload = payload};
        ring::Reservation place;
        EXPECT_EQ(writer.reserve(packet.ring_bytes(), place), ring::ReserveStatus::kOk);
        writer.fill(place).put(packet);
        spoil_packet(memory, place.start.index(), place.end.index(), faults);
        writer.publish(place);
        spoil_index(memory, place.start.index(), faults);
        ring::PacketView view;
        while (reader.poll() && reader.next(view)) {
        }
        return reader.error();
    }

    support::FlatRing to_guest{4096};
    support::FlatRing from_guest{4096};
    ring::MappedRing memory = to_guest.view();
    ring::MappedRing other = from_guest.view();
    support::Blob payload = support::blob(40);
    ring::Writer writer{memory, ring::Publication::kSingle};
    ring::Reader reader{memory, ring::FooterCheck::kStrict};
    FaultEngine engine;
    FaultPoint faults;
};

TEST(FaultRing, SpoiltPacketsAreRefusedForTheirReason) {
    EXPECT_EQ(Spoilt(Fault::kBadLength, 0).read(), PacketError::kBadLengths);
    EXPECT_EQ(Spoilt(Fault::kBadLength, 1).read(), PacketError::kBadLengths);
    EXPECT_EQ(Spoilt(Fault::kBadLength, 2).read(), PacketError::kBadLengths);
    EXPECT_EQ(Spoilt(Fault::kBadLength, 3).read(), PacketError::kBadLengths);
    EXPECT_EQ(Spoilt(Fault::kBadFlags).read(), PacketError::kBadFlags);
    EXPECT_EQ(Spoilt(Fault::kUnknownPacketType).read(), PacketError::kBadType);
    EXPECT_EQ(Spoilt(Fault::kBadFooter).read(), PacketError::kBadFooter);
}

TEST(FaultRing, GpaDirectIsAPacketThatOnlyHostsWouldNotSend) {
    EXPECT_NE(Spoilt(Fault::kUnknownPacketType, 1).read(), PacketError::kBadType);
}

TEST(FaultRing, SpoiltIndicesAreNoneOrAnnounceWhatIsNoPacket) {
    EXPECT_EQ(Spoilt(Fault::kBadIndex, 0).read(), PacketError::kBadIndex);
    EXPECT_EQ(Spoilt(Fault::kBadIndex, 1).read(), PacketError::kBadIndex);
    EXPECT_NE(Spoilt(Fault::kBadIndex, 2).read(), PacketError::kNone);
    EXPECT_NE(Spoilt(Fault::kBadIndex, 3).read(), PacketError::kNone);
}

TEST(FaultRing, ReadIndexIsNoneOrAheadOfWhatWasSent) {
    for (std::uint8_t how = 0; how < 3; ++how) {
        Spoilt host(Fault::kBadReadIndex, how);
        spoil_read_index(host.other, {.how = how});
        EXPECT_NE(host.from_guest.out(), 0U) << static_cast<int>(how);
    }
}

TEST(FaultRing, WordsAreWrittenWhereTheyLie) {
    Spoilt pending(Fault::kForgedWord, 0);
    spoil_words(pending.other, pending.memory, pending.faults, Subject::kAny);
    EXPECT_EQ(pending.to_guest.page().pending_send_size.load_relaxed(), UINT32_MAX);
    Spoilt features(Fault::kForgedWord, 1);
    spoil_words(features.other, features.memory, features.faults, Subject::kAny);
    EXPECT_EQ(features.to_guest.page().feature_bits.load_relaxed(), UINT32_MAX);
    Spoilt mask(Fault::kForgedWord, 2);
    spoil_words(mask.other, mask.memory, mask.faults, Subject::kAny);
    EXPECT_EQ(mask.from_guest.page().interrupt_mask.load_relaxed(), UINT32_MAX);
}

}  // namespace
}  // namespace vmbus::host
