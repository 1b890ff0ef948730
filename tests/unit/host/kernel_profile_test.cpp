#include "host/kernel_profile.hpp"

#include <gtest/gtest.h>

#include <set>

namespace vmbus::host {
namespace {

const KernelProfile& kernel(std::string_view name) {
    const auto* const found = find_kernel_profile(name);
    EXPECT_NE(found, nullptr) << name;
    return found != nullptr ? *found : default_kernel_profile();
}

TEST(KernelProfile, EachIsFoundByItsOwnName) {
    std::set<std::string_view> names;
    for (const KernelProfile& each : kernel_profiles()) {
        EXPECT_EQ(find_kernel_profile(each.name), &each);
        EXPECT_TRUE(names.insert(each.name).second);
    }
}

TEST(KernelProfile, AnUnknownNameIsNone) {
    EXPECT_EQ(find_kernel_profile("2.4"), nullptr);
    EXPECT_EQ(find_kernel_profile(""), nullptr);
}

TEST(KernelProfile, TheDefaultIsDebian12s) {
    EXPECT_EQ(default_kernel_profile().name, "6.1");
}

TEST(KernelProfile, ReleaseHasThreeNumbersAsUnameGivesIt) {
    EXPECT_EQ(release_of(kernel("6.18")), "6.18.0-vmbus-host");
    EXPECT_EQ(release_of(kernel("6.1.159")), "6.1.159-vmbus-host");
}

TEST(KernelProfile, NoMonitorBitIsAllowedSince6_10) {
    EXPECT_TRUE(kernel("6.1.159").needs_monitor_bit);
    EXPECT_FALSE(kernel("6.12").needs_monitor_bit);
}

TEST(KernelProfile, AWriteSignalsNobodyThenThePrimaryThenAll) {
    EXPECT_EQ(kernel("5.15").write_signals, WriteSignals::kNobody);
    EXPECT_EQ(kernel("6.12").write_signals, WriteSignals::kPrimary);
    EXPECT_EQ(kernel("6.16").write_signals, WriteSignals::kEveryChannel);
}

TEST(KernelProfile, TheBackportLeavesTheMaskToUserSpaceBeforeSubchannelsAreSafe) {
    const KernelProfile& dangerous = kernel("6.1.156");
    EXPECT_FALSE(dangerous.masks_at_open || dangerous.masks_at_event);
    EXPECT_TRUE(dangerous.subchannel_interrupt_panics);
    EXPECT_FALSE(kernel("6.1.159").subchannel_interrupt_panics);
}

TEST(KernelProfile, TheStableKernelWithTheFixSignalsAllThoughItsReleaseIsOlder) {
    EXPECT_EQ(kernel("6.12.58").write_signals, WriteSignals::kEveryChannel);
    EXPECT_FALSE(kernel("6.12.58").subchannel_interrupt_panics);
    EXPECT_FALSE(kernel("6.12.58").needs_monitor_bit);
}

TEST(KernelProfile, TheSizeOfTheRingFileIsTrueSince6_16) {
    EXPECT_EQ(kernel("6.12").ring_file_size, 4U << 20);
    EXPECT_EQ(kernel("6.16").ring_file_size, 0U);
}

}  // namespace
}  // namespace vmbus::host
