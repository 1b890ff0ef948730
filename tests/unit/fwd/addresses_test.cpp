#include "netvsc-fwd/addresses.hpp"

#include <gtest/gtest.h>

#include "mbufs.hpp"

namespace netvsc_fwd::test {
namespace {

const FrameBytes kFrame = {1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0x08, 0, 5};

FrameBytes after(Work& work, const FrameBytes& frame) {
    rte_mbuf* packet = mbuf_of(frame);
    EXPECT_EQ(work.arrived({&packet, 1}), 1);
    const FrameBytes bytes = bytes_of(*packet);
    rte_pktmbuf_free(packet);
    return bytes;
}

TEST(Addresses, StayAreReplacedOrChangePlaces) {
    PassOn pass_on;
    EXPECT_EQ(after(pass_on, kFrame), kFrame);
    Readdress readdress({{8, 8, 8, 8, 8, 8}}, {{9, 9, 9, 9, 9, 9}});
    EXPECT_EQ(after(readdress, kFrame),
              (FrameBytes{9, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 0x08, 0, 5}));
    SwapAddresses swap;
    EXPECT_EQ(after(swap, kFrame), (FrameBytes{2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0x08, 0, 5}));
}

TEST(Addresses, OfAFrameWithoutAHeaderAreNotTouched) {
    SwapAddresses swap;
    const FrameBytes runt(13, 7);
    EXPECT_EQ(after(swap, runt), runt);
}

TEST(Addresses, WhatEndsHereIsFreed) {
    rte_mbuf* packets[] = {mbuf_of(kFrame), mbuf_of(kFrame)};
    Free free;
    EXPECT_EQ(free.arrived(packets), 0);
    EXPECT_EQ(in_use(), 0U);
}

}  // namespace
}  // namespace netvsc_fwd::test
