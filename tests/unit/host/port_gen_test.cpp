#include "host/port_gen.hpp"

#include <gtest/gtest.h>
#include <tins/tins.h>

#include <cstring>
#include <set>

#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace std::chrono_literals;
using namespace test;

constexpr std::uint32_t kDirected = 1;

class GenPortTest : public testing::Test {
protected:
    GenPort& open(const GenPortSpec& spec) {
        port_.emplace(spec, replay_, fake_clock);
        port_->set_filter(kDirected);
        return *port_;
    }

    Replay replay_{fake_clock};
    std::optional<GenPort> port_;
};

std::uint64_t word_at(const FrameBytes& frame, std::size_t offset) {
    std::uint64_t word = 0;
    std::memcpy(&word, frame.data() + offset, sizeof word);
    return word;
}

/// libtins computes what it serializes: equal bytes mean that every checksum was right.
void expect_valid(const FrameBytes& frame) {
    Tins::EthernetII parsed(frame.data(), static_cast<std::uint32_t>(frame.size()));
    ASSERT_NE(parsed.find_pdu<Tins::UDP>(), nullptr);
    EXPECT_EQ(parsed.rfind_pdu<Tins::UDP>().length(), frame.size() - 34);
    EXPECT_EQ(parsed.serialize(), frame);
}

TEST_F(GenPortTest, FramesOfAnyLengthAreValid) {
    for (const std::uint32_t length : {60U, 61U, 64U, 65U, 1514U, 9216U}) {
        for (const auto& frame : take(open({.length = length, .flows = 5}), 300)) {
            ASSERT_EQ(frame.size(), length);
            expect_valid(frame);
        }
    }
}

TEST_F(GenPortTest, GoToTheNicItself) {
    const auto frames = take(open({.destination = {2, 0, 0, 0, 0, 9}}), 1);
    EXPECT_EQ(FrameBytes(frames[0].begin(), frames[0].begin() + 6), (FrameBytes{2, 0, 0, 0, 0, 9}));
}

TEST_F(GenPortTest, FlowsTakeTurnsWithTuplesOfTheirOwn) {
    std::set<FrameBytes> tuples;
    const auto frames = take(open({.length = 60, .flows = 7}), 21);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(frames[i][GenPort::kPayloadOffset + 16], i % 7);
        tuples.emplace(frames[i].begin() + 26, frames[i].begin() + 38);
    }
    EXPECT_EQ(tuples.size(), 7U);
}

TEST_F(GenPortTest, TheSequenceHasNoGapAcrossBursts) {
    auto& port = open({.length = 60, .flows = 3});
    std::uint64_t expected = 0;
    for (const std::size_t burst : {1U, 300U, 32U, 1000U, 7U}) {
        for (const auto& frame : take(port, burst)) {
            EXPECT_EQ(word_at(frame, GenPort::kPayloadOffset), expected);
            EXPECT_EQ(word_at(frame, GenPort::kPayloadOffset + 8), ~expected);
            ++expected;
        }
    }
    EXPECT_EQ(port.generated(), expected);
}

TEST_F(GenPortTest, WaitsForTheFilterAndStopsWithIt) {
    port_.emplace(GenPortSpec{}, replay_, fake_clock);
    EXPECT_TRUE(take(*port_, 8).empty());
    port_->set_filter(kDirected);
    EXPECT_EQ(take(*port_, 8).size(), 8U);
    port_->set_filter(0);
    EXPECT_TRUE(take(*port_, 8).empty());
    port_->set_filter(kDirected);
    port_->guest_closed();
    EXPECT_TRUE(take(*port_, 8).empty());
}

TEST_F(GenPortTest, EndsAtItsCount) {
    auto& port = open({.count = 10});
    EXPECT_EQ(take(port, 8).size(), 8U);
    EXPECT_EQ(take(port, 8).size(), 2U);
    EXPECT_TRUE(take(port, 8).empty());
}

TEST_F(GenPortTest, KeepsToItsRate) {
    auto& port = open({.rate = 1000});
    EXPECT_TRUE(take(port, 200).empty());
    pass(50ms);
    EXPECT_EQ(take(port, 200).size(), 50U);
    pass(3ms);
    EXPECT_EQ(take(port, 2).size(), 2U);
    EXPECT_EQ(take(port, 200).size(), 1U);
}

TEST_F(GenPortTest, OwesASleepingGuestATenthOfASecond) {
    auto& port = open({.rate = 1000});
    pass(10s);
    EXPECT_EQ(take(port, 250).size(), 101U);
    EXPECT_TRUE(take(port, 250).empty());
}

TEST_F(GenPortTest, CountsWhatComesBack) {
    auto& port = open({});
    send(port, take(port, 5));
    EXPECT_EQ(port.returned(), 5U);
    EXPECT_EQ(replay_.flow().sent_by_guests, 5U);
}

}  // namespace
}  // namespace vmbus::host
