#include "kernel_version.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

using testing::Contains;
using testing::Not;

std::vector<std::string_view> words(KernelVersion version) {
    std::vector<std::string_view> all;
    for (const KernelBug* bug : known_bugs(version)) {
        all.push_back(bug->word);
    }
    return all;
}

struct KernelVersionTest : testing::Test, PlayedMachine {
    KernelVersion version(const char* file, const char* text) const {
        sysfs.put(file, text);
        return read_kernel_version(tree).value_or(KernelVersion{});
    }
};

TEST_F(KernelVersionTest, DebianSaysItsStableReleaseAtTheEnd) {
    EXPECT_EQ(
        version("/proc/version",
                "Linux version 6.1.0-41-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian "
                "12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP "
                "PREEMPT_DYNAMIC Debian 6.1.158-1 (2025-11-09)"),
        (KernelVersion{6, 1, 158}));
}

TEST_F(KernelVersionTest, UbuntuSaysItInASignature) {
    EXPECT_EQ(version("/proc/version_signature", "Ubuntu 6.8.0-1041.47~22.04.1-azure 6.8.12"),
              (KernelVersion{6, 8, 12}));
}

TEST_F(KernelVersionTest, OthersSayItAtOnce) {
    EXPECT_EQ(version("/proc/version", "Linux version 6.12.57+deb13 (x) #1"),
              (KernelVersion{6, 12, 57}));
}

TEST(KernelBugs, ThePanicHasABeginningAndAnEnd) {
    for (const KernelVersion bad :
         {KernelVersion{6, 1, 156}, {6, 1, 158}, {6, 12, 53}, {6, 12, 57}}) {
        EXPECT_THAT(words(bad), Contains("kernel-subchannel-panic"))
            << bad.minor << "." << bad.patch;
    }
    for (const KernelVersion good :
         {KernelVersion{6, 1, 155}, {6, 1, 159}, {6, 12, 58}, {6, 16, 0}}) {
        EXPECT_THAT(words(good), Not(Contains("kernel-subchannel-panic")))
            << good.minor << "." << good.patch;
    }
}

TEST(KernelBugs, OldKernelsHaveTheirOwn) {
    EXPECT_THAT(words({4, 17, 0}), Contains("kernel-no-driver-override"));
    EXPECT_THAT(words({5, 4, 0}), Contains("kernel-unbind-crash"));
    EXPECT_THAT(words({6, 8, 0}), Contains("kernel-rescind-oops"));
}

TEST(KernelBugs, ARecentKernelHasNone) {
    EXPECT_TRUE(known_bugs({6, 18, 0}).empty());
}

TEST(KernelBugs, AVersionIsTwoNumbersAtLeast) {
    EXPECT_EQ(parse_kernel_version("6.9-rc1"), (KernelVersion{6, 9, 0}));
    EXPECT_FALSE(parse_kernel_version("6"));
    EXPECT_FALSE(parse_kernel_version("x.y"));
}

}  // namespace
}  // namespace vmbus::devbind
