#include "host/link_pipe.hpp"

#include <gtest/gtest.h>

#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace std::chrono_literals;
using namespace test;

class LinkPipeTest : public testing::Test {
protected:
    void use(const LinkSpec& spec) { pipe_ = std::make_unique<LinkPipe>(spec, spec.seed); }
    void push(std::uint8_t first, std::uint8_t last) {
        for (unsigned mark = first; mark <= last; ++mark) {
            const auto frame = frame_between(1, 2, static_cast<std::uint8_t>(mark));
            pipe_->push(std::as_bytes(std::span(frame)), fake_now);
        }
    }
    /// The marks of what comes out now.
    std::string pop() {
        std::vector<Frame> frames(64);
        std::string marks;
        for (std::size_t got = 1; got > 0;) {
            got = pipe_->pop(frames, fake_now);
            for (std::size_t i = 0; i < got; ++i) marks += static_cast<char>(frames[i].bytes[20]);
        }
        return marks;
    }

    std::unique_ptr<LinkPipe> pipe_;
};

TEST_F(LinkPipeTest, ADelayShiftsAllInOrder) {
    use({.delay_ns = 5'000'000});
    push('a', 'e');
    EXPECT_EQ(pop(), "");
    pass(5ms);
    EXPECT_EQ(pop(), "abcde");
    EXPECT_TRUE(pipe_->empty());
}

TEST_F(LinkPipeTest, ARateSpacesFrames) {
    use({.rate = 1000});
    push('a', 'd');
    pass(2ms);
    EXPECT_EQ(pop(), "ab");
    pass(2ms);
    EXPECT_EQ(pop(), "cd");
}

TEST_F(LinkPipeTest, BitsPerSecondCountTheBytes) {
    use({.bps = 60 * 8 * 1000});
    push('a', 'c');
    pass(1ms);
    EXPECT_EQ(pop(), "a");
}

TEST_F(LinkPipeTest, LosesAboutItsShareAndTheSameAgain) {
    std::string first;
    for (unsigned run = 0; run < 2; ++run) {
        use({.loss = LinkSpec::kAlways / 4, .seed = 7});
        push(1, 200);
        const auto kept = pop();
        EXPECT_EQ(kept.size() + pipe_->lost, 200U);
        EXPECT_NEAR(static_cast<double>(pipe_->lost), 50, 25);
        EXPECT_TRUE(run == 0 || kept == first);
        first = kept;
    }
}

TEST_F(LinkPipeTest, AReorderedFrameIsOvertaken) {
    use({.reorder = LinkSpec::kAlways});
    push('a', 'a');
    use({});
    use({.reorder = LinkSpec::kAlways / 2, .seed = 3});
    push('a', 'z');
    const auto at_once = pop();
    pass(1ms);
    const auto later = pop();
    EXPECT_EQ(at_once.size() + later.size(), 26U);
    EXPECT_EQ(later.size(), pipe_->reordered);
    EXPECT_GT(later.size(), 0U);
    EXPECT_GT(at_once.size(), 0U);
}

TEST_F(LinkPipeTest, ADuplicateComesTwice) {
    use({.dup = LinkSpec::kAlways});
    push('a', 'b');
    EXPECT_EQ(pop(), "aabb");
    EXPECT_EQ(pipe_->duplicated, 2U);
}

TEST_F(LinkPipeTest, WhatItCannotHoldIsCounted) {
    use({.delay_ns = 1000});
    for (std::size_t i = 0; i < LinkPipe::kFrames + 3; ++i) push(1, 1);
    EXPECT_EQ(pipe_->queue_full, 3U);
    const std::vector<std::byte> giant(10'000);
    pipe_->clear();
    pipe_->push(giant, fake_now);
    EXPECT_EQ(pipe_->too_long, 1U);
    push('a', 'a');
    pass(1ms);
    EXPECT_EQ(pop(), "a");
}

}  // namespace
}  // namespace vmbus::host
