#include "net/netvsc/frame_counts.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "mbufs.hpp"
#include "tx_rig.hpp"

namespace vmbus::netvsc::test {
namespace {

std::uint64_t count_of(const FrameCounts& frames, FrameCount which) {
    return frames.counters()[which].value();
}

// row: frame_size_counters
TEST(FrameCountsTest, EachFrameCountsInOneClassOfSizes) {
    Pool pool;
    FrameCounts frames;
    for (const auto bytes : std::to_array<std::uint16_t>(
             {60, 64, 65, 127, 128, 255, 256, 511, 512, 1023, 1024, 1518})) {
        rte_mbuf* const frame = pool.frame(bytes);
        frames.add(&frame, 1);
        rte_pktmbuf_free(frame);
    }
    for (std::size_t i = 2; i <= static_cast<std::size_t>(FrameCount::k1024To1518); ++i) {
        EXPECT_EQ(frames.counters().at(i).value(), 2U) << kFrameCountNames[i];
    }
    EXPECT_EQ(count_of(frames, FrameCount::kUndersize), 1U);
    EXPECT_EQ(count_of(frames, FrameCount::k64), 1U);
}

TEST(FrameCountsTest, GroupsAndEverybodyAreCountedApart) {
    Pool pool;
    FrameCounts frames;
    for (const auto first : std::to_array<std::uint8_t>({0x02, 0x01, 0xFF})) {
        rte_mbuf* const frame = pool.frame(60);
        std::memset(rte_pktmbuf_mtod(frame, void*), first, 6);
        frames.add(*frame);
        rte_pktmbuf_free(frame);
    }
    EXPECT_EQ(count_of(frames, FrameCount::kMulticast), 1U);
    EXPECT_EQ(count_of(frames, FrameCount::kBroadcast), 1U);
    EXPECT_EQ(count_of(frames, FrameCount::kUndersize), 3U);
}

using FrameCountsOfAQueue = TxRig;

TEST_F(FrameCountsOfAQueue, AreOfFramesThatWereSentCopiedOrNot) {
    start({.copybreak = 1000, .addresses_known = true, .count_frames = true});
    EXPECT_EQ(send(3, 60), 3);
    EXPECT_EQ(send(2, 1514), 2);
    EXPECT_EQ(count_of(queue.frames, FrameCount::kUndersize), 3U);
    EXPECT_EQ(count_of(queue.frames, FrameCount::k1024To1518), 2U);
}

TEST_F(FrameCountsOfAQueue, AreZeroUnasked) {
    start();
    EXPECT_EQ(send(3, 60), 3);
    EXPECT_EQ(count_of(queue.frames, FrameCount::kUndersize), 0U);
}

}  // namespace
}  // namespace vmbus::netvsc::test
