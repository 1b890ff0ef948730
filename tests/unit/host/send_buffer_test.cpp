#include "host/send_buffer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vmbus {
namespace {

using host::SendBuffer;
using host::Violation;

class SendBufferTest : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(buffer.attach(memory)); }
    std::optional<Violation> refusal(std::uint32_t index, std::uint32_t length) {
        Violation why{};
        return buffer.take(index, length, why) ? std::nullopt : std::optional(why);
    }
    std::vector<std::byte> memory = std::vector<std::byte>(70 * 6144 + 6143);
    SendBuffer buffer;
};

TEST_F(SendBufferTest, NamesBytesOfSection) {
    Violation why{};
    const auto bytes = buffer.take(69, 6144, why);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->data(), memory.data() + 69 * 6144);
    EXPECT_EQ(bytes->size(), 6144U);
}

TEST_F(SendBufferTest, RefusesSectionThatIsNotWhole) {
    EXPECT_EQ(refusal(70, 8), Violation::kBadSectionIndex);
    EXPECT_EQ(refusal(UINT32_MAX - 1, 8), Violation::kBadSectionIndex);
}

TEST_F(SendBufferTest, RefusesLengthsOutsideSection) {
    EXPECT_EQ(refusal(0, 0), Violation::kBadSectionLength);
    EXPECT_EQ(refusal(0, 6145), Violation::kBadSectionLength);
}

TEST_F(SendBufferTest, RefusesSectionInFlightUntilGivenBack) {
    EXPECT_EQ(refusal(65, 8), std::nullopt);
    EXPECT_EQ(refusal(65, 8), Violation::kSectionReused);
    EXPECT_EQ(refusal(1, 8), std::nullopt);
    buffer.give_back(65);
    EXPECT_EQ(refusal(65, 8), std::nullopt);
    EXPECT_TRUE(buffer.in_flight(1));
}

TEST_F(SendBufferTest, AGlanceTakesNothingAndStaysInside) {
    const auto bytes = buffer.glance(69, 100);
    EXPECT_EQ(bytes.data(), memory.data() + 69 * 6144);
    EXPECT_EQ(bytes.size(), 100U);
    EXPECT_FALSE(buffer.in_flight(69));
    EXPECT_EQ(buffer.glance(69, UINT32_MAX).size(), 6144U);
    EXPECT_TRUE(buffer.glance(70, 8).empty());
    EXPECT_TRUE(buffer.glance(UINT32_MAX, 8).empty());
    buffer.detach();
    EXPECT_TRUE(buffer.glance(0, 8).empty());
}

TEST_F(SendBufferTest, NeedsRoomForOneSection) {
    SendBuffer tiny;
    EXPECT_FALSE(tiny.attach(base::MutableBytes(memory).first(6143)));
    EXPECT_FALSE(tiny.attached());
}

}  // namespace
}  // namespace vmbus
