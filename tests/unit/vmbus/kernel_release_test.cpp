#include "bus/vmbus/kernel_release.hpp"

#include <gtest/gtest.h>

namespace vmbus::bus {
namespace {

TEST(KernelRelease, IsReadFromTheBeginningOfUname) {
    EXPECT_EQ(KernelRelease::parse("6.1.0-41-amd64"), (KernelRelease{6, 1}));
    EXPECT_EQ(KernelRelease::parse("6.16"), (KernelRelease{6, 16}));
    EXPECT_EQ(KernelRelease::parse("10.0-rc1+"), (KernelRelease{10, 0}));
}

TEST(KernelRelease, WhatIsNoReleaseIsNone) {
    for (const char* text : {"", "6", "6.", "6.x", "x.1", ".1", "-1.2", "99999999999.1"}) {
        EXPECT_EQ(KernelRelease::parse(text), std::nullopt) << text;
    }
}

TEST(KernelRelease, MinorsCompareAsNumbers) {
    EXPECT_LT((KernelRelease{6, 9}), (KernelRelease{6, 16}));
    EXPECT_LT((KernelRelease{6, 99}), (KernelRelease{7, 0}));
}

// A stable kernel may have the fix, but so may one that panics have a higher third number.
TEST(SubChannelTrust, ByReleaseIsSince6_16AndNotWhereNobodyKnows) {
    for (const KernelRelease since : {kInterruptsSubChannels, kSignalsSubChannels}) {
        const auto trusted = [since](const char* text) {
            return trusts_sub_channels(SubChannelTrust::kByRelease, since, text);
        };
        for (const char* text : {"6.16.0", "6.18.2-amd64", "7.0"}) EXPECT_TRUE(trusted(text));
        for (const char* text : {"6.15.9", "6.12.60", "6.1.159", "5.15", "", "unknown"}) {
            EXPECT_FALSE(trusted(text)) << text;
        }
    }
}

TEST(SubChannelTrust, WordOfTheUserGoesBeforeTheRelease) {
    for (const char* text : {"6.1.159", "6.18", ""}) {
        EXPECT_TRUE(trusts_sub_channels(SubChannelTrust::kAll, kSignalsSubChannels, text));
        EXPECT_FALSE(trusts_sub_channels(SubChannelTrust::kNone, kSignalsSubChannels, text));
    }
}

TEST(KernelRelease, RunningKernelHasOne) {
    EXPECT_TRUE(KernelRelease::parse(KernelRelease::running())) << KernelRelease::running();
}

}  // namespace
}  // namespace vmbus::bus
