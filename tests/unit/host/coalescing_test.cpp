#include "host/coalescing.hpp"

#include <gtest/gtest.h>

#include "support/tcp_frame.hpp"

namespace vmbus {
namespace {

using host::coalescible;
using support::tcp_frame;
using support::TcpFrame;

constexpr TcpFrame kFirst{.tcp_options = 12, .payload = 1000, .sequence = 5000};

/// The segment after kFirst, with something changed.
template <class Change>
bool goes_on(Change change, TcpFrame first = kFirst) {
    TcpFrame next = first;
    next.sequence += static_cast<std::uint32_t>(first.payload);
    ++next.id;
    change(next);
    const auto a = tcp_frame(first);
    const auto b = tcp_frame(next);
    const auto second = coalescible(b);
    return second && host::continues(a, *coalescible(a), first.payload, b, *second);
}
constexpr auto kNothing = [](TcpFrame&) {};

TEST(Coalescing, TakesPlainDataSegments) {
    const auto segment = coalescible(tcp_frame(kFirst)).value();
    EXPECT_EQ(segment.header_bytes, 66U);
    EXPECT_EQ(segment.payload_bytes, 1000U);
    EXPECT_EQ(segment.sequence, 5000U);
    EXPECT_FALSE(segment.pushed);
    EXPECT_TRUE(coalescible(tcp_frame({.v6 = true, .flags = 0x18}))->pushed);
}

TEST(Coalescing, LeavesPaddingOut) {
    auto frame = tcp_frame({.payload = 2});
    frame.resize(60);
    EXPECT_EQ(coalescible(frame)->payload_bytes, 2U);
}

TEST(Coalescing, LeavesTheUnusualAlone) {
    EXPECT_FALSE(coalescible(tcp_frame({.payload = 0})));
    EXPECT_FALSE(coalescible(tcp_frame({.ip_options = 4})));
    for (const std::uint8_t flags :
         std::initializer_list<std::uint8_t>{0x11, 0x12, 0x14, 0x30, 0x50, 0x90, 0x00}) {
        EXPECT_FALSE(coalescible(tcp_frame({.flags = flags}))) << unsigned{flags};
    }
    EXPECT_FALSE(coalescible(std::vector<std::byte>(60)));
    EXPECT_FALSE(coalescible(std::vector<std::byte>(14)));
}

TEST(Coalescing, LeavesWrongChecksumsAlone) {
    for (const std::size_t at : {24U, 50U, 100U}) {
        auto frame = tcp_frame(kFirst);
        frame[at] ^= std::byte{1};
        EXPECT_FALSE(coalescible(frame)) << at;
    }
}

TEST(Coalescing, GoesOnWithinFlowAndOrder) {
    EXPECT_TRUE(goes_on(kNothing));
    EXPECT_TRUE(goes_on(kNothing, {.v6 = true, .payload = 300}));
    EXPECT_TRUE(goes_on([](TcpFrame& next) { next.payload = 1; }));
    EXPECT_FALSE(goes_on([](TcpFrame& next) { ++next.sequence; }));
    EXPECT_FALSE(goes_on([](TcpFrame& next) { --next.sequence; }));
    EXPECT_FALSE(goes_on([](TcpFrame& next) { ++next.source_port; }));
    EXPECT_FALSE(goes_on([](TcpFrame& next) { next.tcp_options = 0; }));
    EXPECT_FALSE(goes_on([](TcpFrame& next) { next.v6 = true; }));
}

TEST(Coalescing, EndsWhereTheLengthFieldEnds) {
    const auto first = tcp_frame(kFirst);
    TcpFrame next = kFirst;
    next.sequence += 65000;
    next.payload = 483;  // 52 bytes of headers, 65000, 483: 65535
    const auto fits = tcp_frame(next);
    EXPECT_TRUE(continues(first, *coalescible(first), 65000, fits, *coalescible(fits)));
    next.payload = 484;
    const auto exceeds = tcp_frame(next);
    EXPECT_FALSE(continues(first, *coalescible(first), 65000, exceeds, *coalescible(exceeds)));
}

TEST(Coalescing, UnitHasHeadersOfWhole) {
    for (const bool v6 : {false, true}) {
        auto frame = tcp_frame({.v6 = v6, .payload = 100});
        const auto last = tcp_frame({.v6 = v6, .acknowledged = 12345, .flags = 0x18});
        const auto segment = coalescible(frame).value();
        become_unit(frame, segment, 3000, last);
        EXPECT_EQ(support::be_at(frame, v6 ? 18 : 16, 2), v6 ? 3020U : 3040U);
        EXPECT_EQ(support::be_at(frame, segment.tcp_offset + 8, 4), 12345U);
        EXPECT_EQ(support::be_at(frame, segment.tcp_offset + 13, 1), 0x18U);
    }
}

}  // namespace
}  // namespace vmbus
