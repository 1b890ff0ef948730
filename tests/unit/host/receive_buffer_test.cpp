#include "host/receive_buffer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

namespace vmbus {
namespace {

using host::ReceiveBuffer;

constexpr std::uint32_t kPiece = 256 + 1514 + 36;

class ReceiveBufferTest : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(buffer.attach(memory, 0xCAFE, 1514)); }
    std::vector<std::byte> memory = std::vector<std::byte>(24 * kPiece + 5);
    ReceiveBuffer buffer;
};

TEST_F(ReceiveBufferTest, IsCutIntoControlAndDataPieces) {
    EXPECT_EQ(buffer.piece_bytes(), kPiece);
    EXPECT_EQ(buffer.count(), 24U);
    EXPECT_EQ(buffer.free_control(), 16U);
    EXPECT_EQ(buffer.free_data(), 8U);
    EXPECT_EQ(buffer.piece(23).data(), memory.data() + 23 * kPiece);
}

TEST_F(ReceiveBufferTest, LendsEachPieceOnce) {
    std::array<std::uint32_t, 8> pieces{};
    buffer.lend_data(pieces);
    const std::set<std::uint32_t> distinct(pieces.begin(), pieces.end());
    EXPECT_EQ(distinct.size(), 8U);
    EXPECT_EQ(*distinct.begin(), 16U);
    EXPECT_EQ(buffer.free_data(), 0U);
}

TEST_F(ReceiveBufferTest, SaysWhichPiecesItWillLend) {
    const std::byte* const second = buffer.upcoming(0, 1).data();
    std::array<std::uint32_t, 2> pieces{};
    buffer.lend_data(pieces);
    EXPECT_EQ(buffer.piece(pieces[1]).data(), second);
}

TEST_F(ReceiveBufferTest, KnowsHowManyDataPiecesTheGuestHas) {
    std::array<std::uint32_t, 5> pieces{};
    buffer.lend_data(pieces);
    const std::uint32_t control = buffer.lend_control();
    EXPECT_EQ(buffer.lent_data(), 5U);
    buffer.shorten(pieces, 2);
    EXPECT_EQ(buffer.lent_data(), 2U);
    buffer.give_back(control);
    EXPECT_EQ(buffer.lent_data(), 2U);
    buffer.give_back(pieces[0]);
    EXPECT_EQ(buffer.lent_data(), 0U);
    buffer.lend_data(pieces);
    ASSERT_TRUE(buffer.attach(memory, 0xCAFE, 1514));
    EXPECT_EQ(buffer.lent_data(), 0U) << "begins anew";
}

// conformance: test_rx_bufs
TEST_F(ReceiveBufferTest, TakesChainBackByItsFirst) {
    std::array<std::uint32_t, 3> first{};
    std::array<std::uint32_t, 2> second{};
    buffer.lend_data(first);
    buffer.lend_data(second);
    EXPECT_FALSE(buffer.give_back(first[1]));
    EXPECT_TRUE(buffer.give_back(first[0]));
    EXPECT_EQ(buffer.free_data(), 6U);
    EXPECT_FALSE(buffer.give_back(first[0]));
    EXPECT_TRUE(buffer.give_back(second[0]));
    EXPECT_EQ(buffer.free_data(), 8U);
}

TEST_F(ReceiveBufferTest, RefusesNumbersThatAreNoPieces) {
    EXPECT_FALSE(buffer.give_back(24));
    EXPECT_FALSE(buffer.give_back(UINT64_MAX));
    EXPECT_FALSE(buffer.give_back(std::uint64_t{1} << 32));
    EXPECT_FALSE(buffer.give_back(0));
}

TEST_F(ReceiveBufferTest, ControlPiecesStayControlPieces) {
    const auto piece = buffer.lend_control();
    EXPECT_LT(piece, host::kControlPieces);
    EXPECT_EQ(buffer.free_control(), 15U);
    EXPECT_TRUE(buffer.give_back(piece));
    EXPECT_EQ(buffer.free_control(), 16U);
    EXPECT_EQ(buffer.free_data(), 8U);
}

TEST_F(ReceiveBufferTest, ShortenedChainKeepsItsStart) {
    std::array<std::uint32_t, 5> pieces{};
    buffer.lend_data(pieces);
    buffer.shorten(pieces, 2);
    EXPECT_EQ(buffer.free_data(), 6U);
    EXPECT_TRUE(buffer.give_back(pieces[0]));
    EXPECT_EQ(buffer.free_data(), 8U);
}

// conformance: sub_allocation_too_small_for_mtu
// conformance: empty_gpadl_returns_error
TEST_F(ReceiveBufferTest, NeedsRoomForOneFrame) {
    ReceiveBuffer tiny;
    EXPECT_FALSE(tiny.attach(base::MutableBytes(memory).first(17 * kPiece - 1), 1, 1514));
    EXPECT_TRUE(tiny.attach(base::MutableBytes(memory).first(17 * kPiece), 1, 1514));
    EXPECT_EQ(tiny.free_data(), 1U);
}

TEST(ReceiveBufferPieces, AreWholeLinesWhereThatIsWanted) {
    std::vector<std::byte> memory(std::size_t{24} * 1856);
    ReceiveBuffer buffer;
    ASSERT_TRUE(buffer.attach(memory, 1, 1514, host::PieceLength::kLines));
    EXPECT_EQ(buffer.piece_bytes(), 1856U);
    EXPECT_EQ(buffer.count(), 24U);
}

// conformance: rx_buffer_ranges_valid
TEST(ReceiveBufferShares, AreEqualAndTheLastTakesTheRest) {
    const auto shares = host::piece_shares(16 + 10, 4);
    ASSERT_TRUE(shares);
    EXPECT_EQ(shares->each, 2U);
    EXPECT_EQ(shares->last, 4U);
}

// conformance: rx_buffer_ranges_zero_queue_count
// conformance: rx_buffer_ranges_buffer_count_below_reserved
// conformance: rx_buffer_ranges_zero_buffers_per_queue
TEST(ReceiveBufferShares, ThereAreNoneWithoutChannelsOrPieces) {
    EXPECT_FALSE(host::piece_shares(26, 0));
    EXPECT_FALSE(host::piece_shares(16, 1));
    EXPECT_FALSE(host::piece_shares(16 + 3, 4));
    EXPECT_TRUE(host::piece_shares(16 + 4, 4));
}

TEST_F(ReceiveBufferTest, IsSharedAmongChannels) {
    const std::uint8_t channels[] = {1, 4, 5};
    ASSERT_TRUE(buffer.share(channels));
    EXPECT_EQ(buffer.free_data(0), 0U);
    EXPECT_EQ(buffer.free_data(1), 2U);
    EXPECT_EQ(buffer.free_data(4), 2U);
    EXPECT_EQ(buffer.free_data(5), 4U);
}

TEST_F(ReceiveBufferTest, WhatIsLentGoesToItsNewOwner) {
    std::array<std::uint32_t, 8> pieces{};
    buffer.lend_data(pieces);
    const std::uint8_t channels[] = {0, 1};
    ASSERT_TRUE(buffer.share(channels));
    EXPECT_EQ(buffer.free_data(1), 0U);
    EXPECT_EQ(buffer.lent_on(pieces[0]), 0U);
    EXPECT_TRUE(buffer.give_back(pieces[0]));
    EXPECT_EQ(buffer.free_data(0), 4U);
    EXPECT_EQ(buffer.free_data(1), 4U);
}

TEST_F(ReceiveBufferTest, RefusesMoreChannelsThanPieces) {
    const std::uint8_t channels[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    EXPECT_FALSE(buffer.share(channels));
    EXPECT_EQ(buffer.free_data(0), 8U);
}

TEST_F(ReceiveBufferTest, KnowsOnWhichChannelAChainIsLent) {
    const std::uint8_t channels[] = {0, 3};
    ASSERT_TRUE(buffer.share(channels));
    std::array<std::uint32_t, 2> pieces{};
    buffer.lend_data(pieces, 3);
    EXPECT_EQ(buffer.lent_on(pieces[0]), 3U);
    EXPECT_FALSE(buffer.lent_on(pieces[1]));
    EXPECT_FALSE(buffer.lent_on(UINT64_MAX));
}

}  // namespace
}  // namespace vmbus
