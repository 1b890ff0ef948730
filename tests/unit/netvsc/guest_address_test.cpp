#include "net/netvsc/guest_address.hpp"

#include <gtest/gtest.h>

namespace vmbus::netvsc {
namespace {

constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;

TEST(GuestAddress, IsFrameTimesPageAndTheOffsetInIt) {
    EXPECT_EQ(physical_address(kPresent | 0x1234, 0x7000'0ABC, 4096), 0x1234ABCU);
}
TEST(GuestAddress, FlagsBesideTheFrameDoNotCount) {
    EXPECT_EQ(physical_address(kPresent | std::uint64_t{1} << 55 | 1, 0, 4096), 4096U);
}
TEST(GuestAddress, HiddenFrameIsUnknown) {
    EXPECT_FALSE(physical_address(kPresent, 0x1000, 4096));
}
TEST(GuestAddress, AbsentPageIsUnknown) {
    EXPECT_FALSE(physical_address(0x1234, 0x1000, 4096));
}

TEST(GuestAddress, AskingTheKernelKeepsTheOffset) {
    int variable = 0;
    if (const auto address = physical_address(&variable)) {
        EXPECT_EQ(*address % 4096, reinterpret_cast<std::uintptr_t>(&variable) % 4096);
    }
}

}  // namespace
}  // namespace vmbus::netvsc
