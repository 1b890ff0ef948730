#include "host/port_impaired.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <span>
#include <utility>

#include "host/port_gen.hpp"
#include "host/port_loop.hpp"
#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace std::chrono_literals;
using namespace test;

/// The host loses its CPU while this one makes its first frame.
class SlowSource final : public Port {
public:
    void transmit(std::span<const Frame>) noexcept override {}
    std::size_t receive(std::span<Frame> frames) noexcept override {
        pass(std::exchange(away_, 0ms));
        frames[0].bytes = std::as_bytes(std::span(frame_));
        return 1;
    }

private:
    std::chrono::milliseconds away_{3};
    const FrameBytes frame_ = frame_between(1, 2);
};

class ImpairedPortTest : public testing::Test {
protected:
    ImpairedPort loop(const LinkSpec& link) {
        return {std::make_unique<LoopPort>(replay_), link, fake_clock};
    }
    Replay replay_{fake_clock};
};

TEST_F(ImpairedPortTest, BothWaysAreDelayed) {
    auto port = loop({.delay_ns = 1'000'000});
    send(port, {frame_between(1, 2)});
    EXPECT_TRUE(port.turn()) << "something waits";
    pass(1ms);
    port.turn();
    EXPECT_TRUE(take(port, 8).empty());
    pass(1ms);
    EXPECT_EQ(take(port, 8), Frames{frame_between(1, 2)});
    EXPECT_FALSE(port.turn());
}

TEST_F(ImpairedPortTest, DelayBeginsWhenTheFrameIsThere) {
    ImpairedPort port(std::make_unique<SlowSource>(), {.delay_ns = 5'000'000}, fake_clock);
    EXPECT_TRUE(take(port, 1).empty());
    pass(3ms);
    EXPECT_TRUE(take(port, 1).empty());
    pass(2ms);
    EXPECT_EQ(take(port, 1), Frames{frame_between(1, 2)});
}

TEST_F(ImpairedPortTest, ASourceThatWaitsIsSlowedAndLosesNothing) {
    ImpairedPort port(std::make_unique<GenPort>(GenPortSpec{.count = 5000}, replay_, fake_clock),
                      {.rate = 1'000'000}, fake_clock);
    port.set_filter(1);
    std::size_t got = 0;
    for (int i = 0; i < 400; ++i) {
        pass(1ms);
        got += take(port, 64).size();
    }
    EXPECT_EQ(got, 5000U);
    for (const auto& drop : port.drops()) EXPECT_EQ(drop.frames, 0U) << drop.reason;
}

TEST_F(ImpairedPortTest, ARateLetsOneFrameThroughAtATimeEachWay) {
    auto port = loop({.rate = 1000});
    send(port, Frames(3, frame_between(1, 2)));
    std::string arrived;
    for (int ms = 1; ms <= 6; ++ms) {
        pass(1ms);
        port.turn();
        arrived += std::to_string(take(port, 8).size());
    }
    EXPECT_EQ(arrived, "011100") << "one a millisecond, and a millisecond for the way back";
}

TEST_F(ImpairedPortTest, WhatIsOnTheCableIsInNoGuestsHandsYet) {
    struct Inner final : Port {
        explicit Inner(std::size_t& told) : told_(told) {}
        void transmit(std::span<const Frame>) noexcept override {}
        std::size_t receive(std::span<Frame> frames) noexcept override {
            if (std::exchange(given_, true)) return 0;
            frames[0].bytes = std::as_bytes(std::span(frame_));
            return 1;
        }
        void guest_holds(std::size_t pieces) noexcept override { told_ = pieces; }

        std::size_t& told_;
        bool given_ = false;
        const FrameBytes frame_ = frame_between(1, 2);
    };
    std::size_t told = 0;
    ImpairedPort port(std::make_unique<Inner>(told), {.delay_ns = 1'000'000}, fake_clock);
    EXPECT_TRUE(take(port, 8).empty());
    port.guest_holds(7);
    EXPECT_EQ(told, 8U);
    pass(1ms);
    EXPECT_EQ(take(port, 8).size(), 1U);
    port.guest_holds(7);
    EXPECT_EQ(told, 7U);
}

TEST_F(ImpairedPortTest, TheSinkOfAGeneratorSeesWhatTheCableDoes) {
    ImpairedPort port(std::make_unique<GenPort>(GenPortSpec{.flows = 1}, replay_, fake_clock),
                      {.loss = LinkSpec::kAlways / 10, .dup = LinkSpec::kAlways / 10}, fake_clock);
    port.set_filter(1);
    for (int i = 0; i < 100; ++i) send(port, take(port, 64));
    std::uint64_t lost = 0;
    for (const auto& figure : port.figures()) {
        if (figure.name == std::string("gen_lost")) lost = figure.value;
    }
    EXPECT_GT(lost, 300U);
    EXPECT_GT(dropped(port, "link_loss_tx"), 100U);
    EXPECT_GT(dropped(port, "link_loss_rx"), 100U);
}

TEST_F(ImpairedPortTest, WhatWasOnItsWayToAClosedGuestIsGone) {
    auto port = loop({.delay_ns = 1'000'000});
    send(port, {frame_between(1, 2)});
    pass(1ms);
    port.turn();
    take(port, 8);
    port.guest_closed();
    pass(5ms);
    EXPECT_TRUE(take(port, 8).empty());
}

}  // namespace
}  // namespace vmbus::host
