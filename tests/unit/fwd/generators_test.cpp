#include "netvsc-fwd/generators.hpp"

#include <gtest/gtest.h>
#include <tins/tins.h>

#include <set>

#include "mbufs.hpp"

namespace netvsc_fwd::test {
namespace {

struct Generators : testing::Test {
    ~Generators() override { EXPECT_EQ(in_use(), 0U) << "something was not freed"; }

    static Generator generator(unsigned flows, std::vector<std::uint16_t> lengths) {
        const BlankFrames frames(pool(), std::move(lengths));
        return {frames, headers_of_flows({}, flows, frames.frame_bytes())};
    }
    static Tins::EthernetII parse(const rte_mbuf& packet) {
        const FrameBytes bytes = bytes_of(packet);
        return {bytes.data(), static_cast<std::uint32_t>(bytes.size())};
    }
    std::uint16_t make(Generator& from, std::uint16_t count) { return from.make({packets, count}); }
    void free(std::uint16_t count) { rte_pktmbuf_free_bulk(packets, count); }

    rte_mbuf* packets[1024] = {};
};

TEST_F(Generators, FlowsDifferAndComeInTurn) {
    auto flows = generator(5, {64});
    ASSERT_EQ(make(flows, 7), 7);
    std::set<std::pair<std::string, std::uint16_t>> seen;
    for (std::size_t i = 0; i < 5; ++i) {
        const auto frame = parse(*packets[i]);
        seen.emplace(frame.rfind_pdu<Tins::IP>().dst_addr().to_string(),
                     frame.rfind_pdu<Tins::UDP>().sport());
    }
    EXPECT_EQ(seen.size(), 5U);
    EXPECT_EQ(bytes_of(*packets[5]), bytes_of(*packets[0]));
    EXPECT_EQ(bytes_of(*packets[6]), bytes_of(*packets[1]));
    free(7);
}

TEST_F(Generators, FramesAreInTheSegmentsThatWereAskedForAndRightAsAWhole) {
    auto flows = generator(1, {64, 1000, 7});
    ASSERT_EQ(make(flows, 1), 1);
    EXPECT_EQ(packets[0]->nb_segs, 3);
    EXPECT_EQ(packets[0]->pkt_len, 1071U);
    EXPECT_EQ(packets[0]->next->data_len, 1000);
    EXPECT_EQ(rte_mbuf_check(packets[0], 1, nullptr), 0);
    EXPECT_EQ(bytes_of(*packets[0]), parse(*packets[0]).serialize());
    free(1);
}

TEST_F(Generators, WhatABufferHeldBeforeIsNotSent) {
    rte_mbuf* old = mbuf_of(FrameBytes(2000, 0xAA));
    rte_pktmbuf_free(old);
    auto flows = generator(1, {1514});
    ASSERT_EQ(make(flows, 1000), 1000);
    for (rte_mbuf* packet : std::span(packets, 1000)) {
        ASSERT_EQ(bytes_of(*packet)[1513], 0);
    }
    free(1000);
}

TEST_F(Generators, WithoutBuffersThereAreFewerAndNoneIsForgotten) {
    auto flows = generator(1, {64, 64, 64, 64});
    const std::uint16_t made = make(flows, 1000);
    EXPECT_EQ(made, 1023 / 4);
    EXPECT_EQ(in_use(), 4U * made);
    free(made);
}

TEST_F(Generators, WhatArrivesIsFreed) {
    auto flows = generator(1, {64});
    packets[0] = mbuf_of(FrameBytes(60, 1));
    EXPECT_EQ(flows.arrived({packets, 1}), 0);
}

}  // namespace
}  // namespace netvsc_fwd::test
