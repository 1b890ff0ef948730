#include "host/gen_frame.hpp"

#include <gtest/gtest.h>
#include <tins/tins.h>

namespace vmbus::host {
namespace {

/// libtins computes what it serializes: equal bytes mean that every checksum was right.
void expect_valid(const std::vector<std::byte>& frame) {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(frame.data());
    Tins::EthernetII parsed(bytes, static_cast<std::uint32_t>(frame.size()));
    EXPECT_EQ(parsed.serialize(), std::vector<std::uint8_t>(bytes, bytes + frame.size()));
}

struct Shape {
    bool ipv6;
    bool tcp;
    bool tagged;
};

class GenFrame : public testing::TestWithParam<Shape> {
protected:
    GenPortSpec spec() const {
        GenPortSpec spec{.ipv6 = GetParam().ipv6, .tcp = GetParam().tcp};
        if (GetParam().tagged) spec.vlan = 7;
        return spec;
    }
};

TEST_P(GenFrame, IsValidWithAnyMarkAndTheMarkIsRead) {
    const auto at = gen_header_bytes(spec());
    for (const std::size_t length : {at + GenMark::kBytes, std::size_t{301}, std::size_t{1514}}) {
        auto frame = make_gen_frame(spec(), length, 3);
        ASSERT_EQ(frame.size(), length);
        expect_valid(frame);
        put_mark(frame, at, pack({.source = 255, .flow = 4095, .sequence = 77, .time_ns = ~0ULL}));
        expect_valid(frame);
        const auto mark = read_mark(frame);
        ASSERT_TRUE(mark);
        EXPECT_EQ(mark->source, 255);
        EXPECT_EQ(mark->flow, 4095);
        EXPECT_EQ(mark->sequence, 77U);
        EXPECT_EQ(mark->time_ns, ~0ULL);
    }
}

/// RFC 1071, word by word.
std::uint16_t balance_by_words(std::uint64_t identity, std::uint64_t time_ns) {
    std::uint64_t sum = 0;
    for (unsigned shift = 0; shift < 64; shift += 16) {
        sum += (identity >> shift & 0xFFFF) + (time_ns >> shift & 0xFFFF);
    }
    while (sum > 0xFFFF) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(~sum);
}

TEST(PackedMark, ItsBalanceIsTheSumOfItsWords) {
    const std::uint64_t edges[] = {0,
                                   1,
                                   0xFFFF,
                                   0x1'0000,
                                   0xFFFF'FFFF,
                                   0x1'0000'0000,
                                   0xFFFF'0000'FFFF'0001,
                                   0x8000'0000'8000'0000,
                                   0x0123'4567'89AB'CDEF,
                                   UINT64_MAX - 1,
                                   UINT64_MAX};
    for (const std::uint64_t identity : edges) {
        for (const std::uint64_t time_ns : edges) {
            const host::PackedMark mark{identity, time_ns};
            EXPECT_EQ(mark.balance(), balance_by_words(identity, time_ns));
        }
    }
}

TEST_P(GenFrame, WithADamagedOrMissingMarkIsNobodys) {
    auto frame = make_gen_frame(spec(), 200, 0);
    frame[gen_header_bytes(spec()) + 3] ^= std::byte{1};
    EXPECT_FALSE(read_mark(frame));
    for (std::size_t length = 0; length < gen_header_bytes(spec()) + GenMark::kBytes; ++length) {
        EXPECT_FALSE(read_mark(base::Bytes(frame).first(length)));
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, GenFrame,
                         testing::Values(Shape{false, false, false}, Shape{false, true, false},
                                         Shape{true, false, false}, Shape{true, true, false},
                                         Shape{false, false, true}, Shape{true, true, true}));

}  // namespace
}  // namespace vmbus::host
