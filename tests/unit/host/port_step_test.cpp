#include "host/port_step.hpp"

#include <gtest/gtest.h>

#include <array>

namespace vmbus::host {
namespace {

struct Endless final : Port {
    void transmit(std::span<const Frame> frames) noexcept override { sent += frames.size(); }
    std::size_t receive(std::span<Frame> frames) noexcept override { return frames.size(); }
    std::size_t sent = 0;
};

struct StepPortTest : ::testing::Test {
    Endless* inner = new Endless;
    StepPort port{std::unique_ptr<Port>(inner)};
    std::array<Frame, 8> frames{};
};

TEST_F(StepPortTest, HoldsEveryFrameBackUntilItIsAllowed) {
    EXPECT_EQ(port.receive(frames), 0U);
}

TEST_F(StepPortTest, LetsThroughWhatWasAllowedAndNoMore) {
    port.allow(11);
    EXPECT_EQ(port.receive(frames), 8U);
    EXPECT_EQ(port.receive(frames), 3U);
    EXPECT_EQ(port.receive(frames), 0U);
}

TEST_F(StepPortTest, WhatIsAllowedLaterReplacesWhatIsLeft) {
    port.allow(11);
    port.allow(2);
    EXPECT_EQ(port.receive(frames), 2U);
}

TEST_F(StepPortTest, WhatTheGuestSendsPasses) {
    port.transmit(frames);
    EXPECT_EQ(inner->sent, 8U);
}

}  // namespace
}  // namespace vmbus::host
