#include "ring/filler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/flat_ring.hpp"

namespace vmbus::ring {
namespace {

using support::blob;

constexpr std::uint32_t kSize = 4096;

class RingFiller : public testing::Test {
protected:
    /// Puts the packets one behind the other from `start` on.
    void fill_at(std::uint32_t start, std::initializer_list<OutgoingPacket> packets) {
        Filler filler(flat_.view(), Reservation{Position(1, start), Position(2, start)});
        for (const auto& packet : packets) filler.put(packet);
    }
    /// `n` bytes of the ring from `at` on, round its end.
    support::Blob bytes(std::uint32_t at, std::size_t n) {
        support::Blob out(n);
        flat_.view().copy_out(at, out);
        return out;
    }

    support::FlatRing flat_{kSize};
};

TEST_F(RingFiller, PacketHasTheBytesOfTheContract) {
    const std::array payload{std::byte{0xAA}, std::byte{0xBB}, std::byte{0xCC}};
    const auto id = std::uint64_t{0x1122334455667788};
    fill_at(0, {{.completion_requested = true, .transaction_id = id, .payload = payload}});
    constexpr std::array<std::uint8_t, 32> kExpected = {
        6,    0,    2,    0,    3,    0,    1,    0,     // type, offset, length, flags
        0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,  // transaction id
        0xAA, 0xBB, 0xCC, 0,    0,    0,    0,    0,     // payload, padded
        0,    0,    0,    0,    0,    0,    0,    0};    // footer: started at 0
    EXPECT_TRUE(std::ranges::equal(bytes(0, 32), std::as_bytes(std::span(kExpected))));
}

TEST_F(RingFiller, HeaderStandsBetweenDescriptorAndPayload) {
    const auto header = blob(16, 1);
    const auto payload = blob(40, 2);
    fill_at(0, {{.type = wire::PacketType::kGpaDirect, .header = header, .payload = payload}});
    const auto descriptor = base::load_at<wire::PacketDescriptor>(flat_.data(), 0);
    EXPECT_EQ(descriptor.type, 9);
    EXPECT_EQ(descriptor.data_offset8, 4);
    EXPECT_EQ(descriptor.length8, 9);
    EXPECT_EQ(bytes(16, 16), header);
    EXPECT_EQ(bytes(32, 40), payload);
}

TEST_F(RingFiller, FooterNamesTheStartOfItsPacket) {
    const auto payload = blob(8);
    fill_at(0, {{.payload = payload}, {.payload = payload}});
    EXPECT_EQ(base::load_at<std::uint64_t>(flat_.data(), 56), std::uint64_t{32} << 32);
}

TEST_F(RingFiller, APacketThatWrapsHasTheSameBytesButTheFooter) {
    const auto header = blob(16, 3);
    const auto payload = blob(41, 4);
    const OutgoingPacket packet{.transaction_id = 5, .header = header, .payload = payload};
    const std::uint32_t body = packet.ring_bytes() - kFooterBytes;
    fill_at(0, {packet});
    const auto straight = bytes(0, body);
    for (std::uint32_t before_end = kUnit; before_end <= body; before_end += kUnit) {
        fill_at(kSize - before_end, {packet});
        ASSERT_EQ(bytes(kSize - before_end, body), straight) << before_end;
    }
}

TEST_F(RingFiller, TouchesNothingBehindThePacket) {
    std::ranges::fill(flat_.data(), std::byte{0xEE});
    const auto payload = blob(9);
    const OutgoingPacket packet{.payload = payload};
    fill_at(kSize - kUnit, {packet});
    EXPECT_EQ(bytes(kSize - 2 * kUnit, kUnit), support::Blob(kUnit, std::byte{0xEE}));
    EXPECT_EQ(bytes(packet.ring_bytes() - kUnit, kUnit), support::Blob(kUnit, std::byte{0xEE}));
}

}  // namespace
}  // namespace vmbus::ring
