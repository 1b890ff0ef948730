#include "host/port_gen.hpp"

#include <gtest/gtest.h>
#include <tins/tins.h>

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

GenMark mark_of(const FrameBytes& frame) {
    const auto mark = read_mark(std::as_bytes(std::span(frame)));
    EXPECT_TRUE(mark);
    return mark.value_or(GenMark{});
}

/// libtins computes what it serializes: equal bytes mean that every checksum was right.
TEST_F(GenPortTest, FramesStayValidWhateverIsWrittenIntoThem) {
    for (const int bytes : {60, 61, 64, 65, 1514, 9216}) {
        const auto length = static_cast<std::uint16_t>(bytes);
        auto& port = open({.lengths = {length}, .flows = 5});
        for (unsigned round = 0; round < 3; ++round) {
            pass(7ms);
            for (const auto& frame : take(port, 300)) {
                ASSERT_EQ(frame.size(), length);
                Tins::EthernetII parsed(frame.data(), static_cast<std::uint32_t>(frame.size()));
                ASSERT_EQ(parsed.serialize(), frame);
            }
        }
    }
}

TEST_F(GenPortTest, EveryFlowHasEveryLength) {
    std::set<std::pair<std::size_t, std::size_t>> seen;
    auto& port = open({.lengths = {64, 600, 1514}, .flows = 3});
    for (unsigned burst = 0; burst < 4; ++burst) {
        for (const auto& frame : take(port, 9)) seen.emplace(mark_of(frame).flow, frame.size());
    }
    EXPECT_EQ(seen.size(), 9U);
}

TEST_F(GenPortTest, GoToTheNicItself) {
    const auto frames = take(open({.destination = {2, 0, 0, 0, 0, 9}}), 1);
    EXPECT_EQ(FrameBytes(frames[0].begin(), frames[0].begin() + 6), (FrameBytes{2, 0, 0, 0, 0, 9}));
}

TEST_F(GenPortTest, FlowsTakeTurnsWithTuplesOfTheirOwn) {
    std::set<FrameBytes> tuples;
    const auto frames = take(open({.lengths = {60}, .flows = 7}), 21);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(mark_of(frames[i]).flow, i % 7);
        tuples.emplace(frames[i].begin() + 26, frames[i].begin() + 38);
    }
    EXPECT_EQ(tuples.size(), 7U);
}

TEST_F(GenPortTest, TheSequenceOfAFlowHasNoGapAcrossBursts) {
    auto& port = open({.lengths = {60}, .flows = 3});
    std::uint64_t sent = 0;
    for (const std::size_t burst : {1U, 300U, 32U, 1000U, 7U}) {
        for (const auto& frame : take(port, burst)) {
            EXPECT_EQ(mark_of(frame).sequence, sent / 3);
            ++sent;
        }
    }
    EXPECT_EQ(port.generated(), sent);
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
    std::size_t owed = 0;
    for (std::size_t some = 1; some > 0; owed += some) {
        some = take(port, 250).size();
    }
    EXPECT_EQ(owed, 101U);
}

TEST_F(GenPortTest, ItsSinkSaysWhatBecameOfTheFrames) {
    auto& port = open({.flows = 1});
    auto frames = take(port, 6);
    pass(3ms);
    std::swap(frames[1], frames[2]);
    frames.erase(frames.begin() + 4);
    frames.push_back(frames.back());
    send(port, frames);
    const auto& counts = port.sink().counts();
    EXPECT_EQ(counts.received, 6U);
    EXPECT_EQ(counts.lost, 1U);
    EXPECT_EQ(counts.reordered, 1U);
    EXPECT_EQ(counts.duplicates, 1U);
    EXPECT_EQ(port.sink().latency().least(), 3'000'000U);
    EXPECT_EQ(replay_.flow().sent_by_guests, 6U);
}

TEST_F(GenPortTest, TellsItAllInFigures) {
    auto& port = open({.count = 3});
    send(port, take(port, 3));
    const auto figures = port.figures();
    EXPECT_EQ(figures[0].value, 3U);
    EXPECT_STREQ(figures[0].name, "gen_sent");
    EXPECT_STREQ(figures.back().name, "latency_ns_max");
}

}  // namespace
}  // namespace vmbus::host
