#include "rings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ring/memory.hpp"
#include "ring/writer.hpp"

namespace vmbus::dump {
namespace {

using testing::HasSubstr;

/// One half in ordinary memory, with a writer on it.
class RingWordsTest : public testing::Test {
protected:
    RingWordsTest()
        : ring_(ring::MappedRing::view(memory_, sizeof(wire::RingPage)).value()),
          writer_((ring::initialise(ring_), ring_), ring::Publication::kSingle) {}

    void send(std::uint64_t id, std::size_t payload_bytes) {
        const std::vector<std::byte> payload(payload_bytes);
        const ring::OutgoingPacket packet{
            .type = wire::PacketType::kCompletion, .transaction_id = id, .payload = payload};
        ring::Reservation place;
        ASSERT_EQ(writer_.reserve(packet.ring_bytes(), place), ring::ReserveStatus::kOk);
        writer_.fill(place).put(packet);
        writer_.publish(place);
    }
    void read_up_to_now() {
        auto& page = ring_.page();
        // relaxed: one thread.
        page.out.store_relaxed(page.in.load_relaxed());
    }

    alignas(4096) std::array<std::byte, sizeof(wire::RingPage) + 4096> memory_{};
    ring::MappedRing ring_;
    ring::Writer writer_;
};

TEST_F(RingWordsTest, ShowTheLastPacketFirstAndMarkWhatWaits) {
    send(1, 0);
    read_up_to_now();
    send(2, 8);
    send(3, 8);
    const auto lines = ring_words(memory_, 8);
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_THAT(lines[0], HasSubstr("in 88 out 24 of 4096"));
    EXPECT_THAT(lines[0], HasSubstr("64 bytes wait"));
    EXPECT_EQ(lines[1], "    *      56 completion id 0x3: 0x0 8 bytes: 00 00 00 00 00 00 00 00");
    EXPECT_THAT(lines[2], HasSubstr("*      24 completion id 0x2"));
    EXPECT_EQ(lines[3], "            0 completion id 0x1");
}

TEST_F(RingWordsTest, GoBackOverTheEndOfTheRing) {
    for (std::uint64_t id = 0; id < 200; ++id) {
        send(id, 40);
        read_up_to_now();
    }
    const auto lines = ring_words(memory_, 1000);
    EXPECT_GT(lines.size(), 4096U / 64U - 2U);
    EXPECT_LE(lines.size(), 4096U / 64U + 2U);
}

TEST_F(RingWordsTest, SayThatAnIndexIsNone) {
    // relaxed: garbage.
    ring_.page().in.store_relaxed(4097);
    EXPECT_THAT(ring_words(memory_, 8).back(), HasSubstr("an index is none"));
}

TEST(RingWords, SayThatAFewBytesAreNoRing) {
    const std::vector<std::byte> page(4096);
    EXPECT_THAT(ring_words(page, 8).front(), HasSubstr("no ring"));
}

TEST(RingFiles, SayWhatCannotBeRead) {
    Lines lines;
    std::string why;
    EXPECT_FALSE(add_ring_file("/nowhere", 8, lines, why));
    EXPECT_THAT(why, HasSubstr("/nowhere: No such file"));
    EXPECT_FALSE(add_devices("/nowhere", 8, lines, why));
    EXPECT_THAT(why, HasSubstr("no device with a ring"));
}

}  // namespace
}  // namespace vmbus::dump
