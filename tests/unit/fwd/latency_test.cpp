#include "netvsc-fwd/latency.hpp"

#include <gtest/gtest.h>
#include <tins/tins.h>

#include "mbufs.hpp"

namespace netvsc_fwd::test {
namespace {

struct LatencyWork : testing::Test {
    ~LatencyWork() override { EXPECT_EQ(in_use(), 0U) << "something was not freed"; }

    static Latency work(std::uint64_t run) { return {BlankFrames(pool(), {64}), {}, run}; }
    static std::uint64_t measured(const Latency& at) {
        WorkReport report;
        at.report(report);
        return report.round_trip_cycles->total();
    }
    static rte_mbuf* made_by(Latency& by) {
        rte_mbuf* packets[32] = {};
        while (by.make(packets) == 0) {
        }
        return packets[0];
    }
};

TEST_F(LatencyWork, MeasuresItsFramesWhereverTheyArrive) {
    Latency sender = work(7);
    Latency receiver = work(7);
    rte_mbuf* packet = made_by(sender);
    EXPECT_EQ(receiver.arrived({&packet, 1}), 0);
    EXPECT_EQ(measured(receiver), 1U);
    EXPECT_EQ(measured(sender), 0U);
}

TEST_F(LatencyWork, FramesOfAnotherRunOrOfAnybodyElseAreOnlyFreed) {
    Latency sender = work(7);
    Latency receiver = work(8);
    rte_mbuf* packets[] = {made_by(sender), mbuf_of(FrameBytes(57, 1)), mbuf_of(FrameBytes(64, 1))};
    EXPECT_EQ(receiver.arrived(packets), 0);
    EXPECT_EQ(measured(receiver), 0U);
}

TEST_F(LatencyWork, FramesAreValidWithTheTimeInThem) {
    Latency sender = work(7);
    rte_mbuf* const packet = made_by(sender);
    const FrameBytes bytes = bytes_of(*packet);
    EXPECT_EQ(bytes,
              Tins::EthernetII(bytes.data(), static_cast<std::uint32_t>(bytes.size())).serialize());
    rte_pktmbuf_free(packet);
}

TEST_F(LatencyWork, OneFrameIsMadeAtATime) {
    Latency sender = work(7);
    rte_mbuf* const first = made_by(sender);
    rte_mbuf* const second = made_by(sender);
    EXPECT_EQ(in_use(), 2U);
    rte_pktmbuf_free(first);
    rte_pktmbuf_free(second);
}

}  // namespace
}  // namespace netvsc_fwd::test
