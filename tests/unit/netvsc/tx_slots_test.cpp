#include "net/netvsc/tx_slots.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vmbus::netvsc {
namespace {

constexpr std::uint32_t kSectionBytes = 64;
constexpr std::uint32_t kFirst = 3;
constexpr std::uint32_t kCount = 2;

struct TxSlotsTest : testing::Test {
    std::vector<std::byte> buffer = std::vector<std::byte>((kFirst + kCount) * kSectionBytes);
    TxSlots slots{0, buffer, kSectionBytes, kFirst, kCount};
};

TEST_F(TxSlotsTest, EachHasASectionOfItsOwnFromTheFirstOn) {
    const auto one = slots.begin({});
    const auto two = slots.begin({});
    ASSERT_TRUE(one && two);
    EXPECT_EQ(slots.section(*one).data(), buffer.data() + kFirst * kSectionBytes);
    EXPECT_EQ(slots.section(*two).data(), slots.section(*one).data() + kSectionBytes);
    EXPECT_EQ(slots.section(*two).size(), kSectionBytes);
}

TEST_F(TxSlotsTest, TheUpcomingSectionIsThatOfTheSlotThatIsTakenNext) {
    const auto first = slots.upcoming_section();
    const auto one = slots.begin({});
    EXPECT_EQ(slots.section(*one).data(), first.data());
    EXPECT_EQ(slots.section(*one).size(), first.size());
    slots.begin({});
    EXPECT_TRUE(slots.upcoming_section().empty()) << "none is free";
    slots.complete(*one);
    EXPECT_EQ(slots.upcoming_section().data(), first.data());
}

}  // namespace
}  // namespace vmbus::netvsc
