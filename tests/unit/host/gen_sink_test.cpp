#include "host/gen_sink.hpp"

#include <gtest/gtest.h>

namespace vmbus::host {
namespace {

class GenSinkTest : public testing::Test {
protected:
    void arrives(std::uint64_t sequence, std::uint16_t flow = 0) {
        auto frame = make_gen_frame({}, 64, 0);
        put_mark(frame, gen_header_bytes({}), pack({.flow = flow, .sequence = sequence}));
        sink_.take(frame, 0);
    }

    GenSink sink_;
    const GenSink::Counts& counts_ = sink_.counts();
};

TEST_F(GenSinkTest, AGapIsLostUntilItIsFilled) {
    arrives(0);
    arrives(3);
    EXPECT_EQ(counts_.lost, 2U);
    arrives(1);
    EXPECT_EQ(counts_.lost, 1U);
    EXPECT_EQ(counts_.reordered, 1U);
    arrives(1);
    EXPECT_EQ(counts_.duplicates, 1U);
}

TEST_F(GenSinkTest, FlowsHaveTheirOwnOrder) {
    arrives(0, 1);
    arrives(0, 2);
    arrives(1, 2);
    arrives(1, 1);
    EXPECT_EQ(counts_.received, 4U);
    EXPECT_EQ(counts_.lost + counts_.reordered + counts_.duplicates, 0U);
}

TEST_F(GenSinkTest, WhatIsTooLateToTellIsStale) {
    arrives(0);
    arrives(1000);
    arrives(1000 - 256 + 1);
    EXPECT_EQ(counts_.reordered, 1U);
    arrives(1000 - 256);
    EXPECT_EQ(counts_.stale, 1U);
    EXPECT_EQ(counts_.lost, 998U);
}

TEST_F(GenSinkTest, OthersFramesAreForeign) {
    const std::vector<std::byte> other(60);
    sink_.take(other, 0);
    EXPECT_EQ(counts_.foreign, 1U);
    EXPECT_EQ(counts_.received, 0U);
}

}  // namespace
}  // namespace vmbus::host
