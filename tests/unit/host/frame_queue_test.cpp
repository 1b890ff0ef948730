#include "host/frame_queue.hpp"

#include <gtest/gtest.h>

#include <array>

namespace vmbus::host {
namespace {

class FrameQueueTest : public testing::Test {
protected:
    bool push(unsigned mark, std::size_t length = 60) {
        const std::vector<std::byte> frame(length, static_cast<std::byte>(mark));
        return queue_.push(frame);
    }
    std::size_t pop(std::size_t most) { return queue_.pop(std::span(frames_).first(most)); }
    unsigned mark(std::size_t i) { return std::to_integer<unsigned>(frames_[i].bytes.back()); }

    FrameQueue queue_;
    std::array<Frame, FrameQueue::kFrames> frames_;
};

TEST_F(FrameQueueTest, KeepsOrderLengthAndBytes) {
    push(1, 60);
    push(2, FrameQueue::kLongestFrame);
    ASSERT_EQ(pop(8), 2U);
    EXPECT_EQ(mark(0), 1U);
    EXPECT_EQ(mark(1), 2U);
    EXPECT_EQ(frames_[1].bytes.size(), FrameQueue::kLongestFrame);
}

TEST_F(FrameQueueTest, IsBounded) {
    for (std::size_t i = 0; i < FrameQueue::kFrames; ++i) {
        ASSERT_TRUE(push(static_cast<unsigned>(i)));
    }
    EXPECT_FALSE(push(0));
}

TEST_F(FrameQueueTest, FramesHandedOutAreNotOverwrittenBeforeTheNextPop) {
    for (std::size_t i = 0; i < FrameQueue::kFrames; ++i) {
        push(7);
    }
    pop(1);
    EXPECT_FALSE(push(8)) << "the only free slot is still looked at";
    EXPECT_EQ(mark(0), 7U);
    pop(1);
    EXPECT_TRUE(push(8));
}

TEST_F(FrameQueueTest, WrapsManyTimes) {
    for (unsigned i = 0; i < 3 * FrameQueue::kFrames; ++i) {
        ASSERT_TRUE(push(i % 251));
        ASSERT_EQ(pop(4), 1U);
        ASSERT_EQ(mark(0), i % 251);
    }
}

TEST_F(FrameQueueTest, IsEmptyAfterClear) {
    push(1);
    queue_.clear();
    EXPECT_EQ(pop(1), 0U);
    EXPECT_TRUE(push(2));
}

}  // namespace
}  // namespace vmbus::host
