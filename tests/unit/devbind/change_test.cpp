// bind and restore on a kernel that is played: what they do, what they refuse, and what they put
// back.
#include "change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

struct ChangeTest : testing::Test, PlayedMachine {
    void expect_as_at_first(const std::string& uuid) const {
        EXPECT_EQ(sysfs.driver_of(uuid), "hv_netvsc");
        EXPECT_EQ(sysfs.override_of(uuid), "");
        EXPECT_FALSE(records.load(uuid));
        EXPECT_TRUE(sysfs.dynamic_ids().empty());
        EXPECT_FALSE(sysfs.panicked());
    }
    void make_up(const std::string& uuid) {
        sysfs.put("/sys/bus/vmbus/devices/" + uuid + "/net/" + nic(uuid).ifname + "/flags",
                  "0x1003");
    }
};

TEST_F(ChangeTest, BindsAndGivesBack) {
    EXPECT_EQ(bind({kFirst}), Exit::kOk) << said;
    EXPECT_EQ(sysfs.driver_of(kFirst), "uio_hv_generic");
    EXPECT_THAT(said, HasSubstr("/dev/uio0"));
    EXPECT_EQ(sysfs.driver_of(kSecond), "hv_netvsc");
    EXPECT_EQ(restore({kFirst}), Exit::kOk) << said;
    expect_as_at_first(kFirst);
}

TEST_F(ChangeTest, DoneTwiceIsDone) {
    ASSERT_EQ(bind({kFirst}), Exit::kOk);
    const auto writes = sysfs.writes().size();
    EXPECT_EQ(bind({kFirst}), Exit::kOk);
    EXPECT_THAT(said, HasSubstr("already on uio_hv_generic"));
    EXPECT_EQ(sysfs.writes().size(), writes);
    ASSERT_EQ(restore({kFirst}), Exit::kOk);
    EXPECT_EQ(restore({kFirst}), Exit::kOk);
    EXPECT_THAT(said, HasSubstr("already on hv_netvsc"));
}

TEST_F(ChangeTest, WaitsForTheVfBeforeItBinds) {
    sysfs.delays = {.vf_release_ms = 3000, .interface_ms = 700, .uio_ms = 900};
    EXPECT_EQ(bind({kSecond}), Exit::kOk) << said;
    EXPECT_EQ(restore({kSecond}), Exit::kOk) << said;
    expect_as_at_first(kSecond);
}

TEST_F(ChangeTest, AVfThatIsNeverReleasedEndsAtTheDeadlineWithoutAPanic) {
    sysfs.delays.vf_release_ms = 45000;
    EXPECT_EQ(bind({kSecond}), Exit::kFailed);
    EXPECT_THAT(said, HasSubstr("let go of the NIC and of enP2s2"));
    EXPECT_FALSE(sysfs.panicked());
    expect_as_at_first(kSecond);  // it was released while the way back waited
}

TEST_F(ChangeTest, WhatCannotBePutBackYetIsPutBackByTheNextRun) {
    sysfs.delays.vf_release_ms = 100000;
    EXPECT_EQ(bind({kSecond}), Exit::kFailed);
    EXPECT_THAT(said, HasSubstr("the next run tries again"));
    EXPECT_EQ(sysfs.driver_of(kSecond), "");
    sysfs.tick(1000000);
    EXPECT_EQ(restore({kFirst}), Exit::kOk) << said;
    expect_as_at_first(kSecond);
}

TEST_F(ChangeTest, RefusesWhatIsUpUnlessForced) {
    make_up(kFirst);
    EXPECT_EQ(bind({kFirst}), Exit::kRefused);
    EXPECT_THAT(said, HasSubstr("is up"));
    EXPECT_THAT(sysfs.writes(), IsEmpty());
    options.force = true;
    EXPECT_EQ(bind({kFirst}), Exit::kOk) << said;
    EXPECT_THAT(sysfs.writes().front(), StartsWith("flags 0x1002"));
    EXPECT_EQ(restore({kFirst}), Exit::kOk) << said;
    EXPECT_TRUE(sysfs.is_up(kFirst));
}

TEST_F(ChangeTest, WhatCannotBeLoweredIsNotBoundAndWhatCannotBeRaisedIsSaid) {
    make_up(kFirst);
    options.force = true;
    sysfs.refuse("flags", EPERM);
    EXPECT_EQ(bind({kFirst}), Exit::kMissing);
    expect_as_at_first(kFirst);
    EXPECT_TRUE(sysfs.is_up(kFirst));
    ASSERT_EQ(bind({kFirst}), Exit::kOk) << said;
    sysfs.refuse("flags", EPERM);
    EXPECT_EQ(restore({kFirst}), Exit::kOk);
    EXPECT_THAT(said, HasSubstr("/flags: Operation not permitted"));
    expect_as_at_first(kFirst);
}

TEST_F(ChangeTest, OneRefusalKeepsAllOthersUntouched) {
    make_up(kSecond);
    EXPECT_EQ(bind({kFirst, kSecond}), Exit::kRefused);
    EXPECT_THAT(sysfs.writes(), IsEmpty());
}

TEST_F(ChangeTest, RefusesToTakeADeviceFromAProcess) {
    ASSERT_EQ(bind({kFirst}), Exit::kOk);
    sysfs.put("/proc/4711/comm", "dpdk-testpmd");
    std::filesystem::create_directories(sysfs.at("/proc/4711/fd"));
    std::filesystem::create_symlink("/dev/uio0", sysfs.at("/proc/4711/fd/5"));
    EXPECT_EQ(restore({kFirst}), Exit::kRefused);
    EXPECT_THAT(said, HasSubstr("4711 (dpdk-testpmd)"));
    options.force = true;
    EXPECT_EQ(restore({kFirst}), Exit::kOk) << said;
}

TEST_F(ChangeTest, PutsBackWhenTheKernelRefuses) {
    sysfs.refuse("bind", ENOMEM);
    EXPECT_EQ(bind({kFirst}), Exit::kFailed);
    EXPECT_THAT(said, HasSubstr("Cannot allocate memory"));
    expect_as_at_first(kFirst);
}

TEST_F(ChangeTest, AFailureAtTheSecondNicGivesTheFirstBack) {
    sysfs.add_nic({.uuid = "aaaa0003-0000-4000-8000-000000000003",
                   .ifname = "eth3",
                   .mac = "00:15:5d:00:00:03",
                   .monitor_bit = false});
    EXPECT_EQ(bind({kFirst, "aaaa0003-0000-4000-8000-000000000003"}), Exit::kFailed);
    EXPECT_THAT(said, HasSubstr("monitor bit before Linux 6.10"));
    expect_as_at_first(kFirst);
    expect_as_at_first("aaaa0003-0000-4000-8000-000000000003");
}

TEST_F(ChangeTest, ARestoreThatFailsLeavesTheNicBound) {
    ASSERT_EQ(bind({kFirst}), Exit::kOk);
    sysfs.refuse("bind", EIO);
    EXPECT_EQ(restore({kFirst}), Exit::kFailed);
    EXPECT_EQ(sysfs.driver_of(kFirst), "uio_hv_generic");
    EXPECT_EQ(sysfs.override_of(kFirst), "uio_hv_generic");
    EXPECT_EQ(restore({kFirst}), Exit::kOk) << said;
    expect_as_at_first(kFirst);
}

TEST_F(ChangeTest, LoadsTheModuleOrSaysThatItIsMissing) {
    std::filesystem::remove_all(sysfs.at("/sys/bus/vmbus/drivers/uio_hv_generic"));
    kernel.has_module = false;
    EXPECT_EQ(bind({kFirst}), Exit::kMissing);
    EXPECT_THAT(said, HasSubstr("modprobe uio_hv_generic"));
    kernel.has_module = true;
    EXPECT_EQ(bind({kFirst}), Exit::kOk) << said;
}

TEST_F(ChangeTest, ARightThatIsMissingIsNoFailure) {
    sysfs.refuse("unbind", EPERM);
    EXPECT_EQ(bind({kFirst}), Exit::kMissing);
    expect_as_at_first(kFirst);
}

TEST_F(ChangeTest, WithoutDriverOverrideItBindsByIdAndTakesTheIdBack) {
    sysfs.without_driver_override();
    EXPECT_EQ(bind({kFirst}), Exit::kOk) << said;
    EXPECT_EQ(sysfs.driver_of(kFirst), "uio_hv_generic");
    EXPECT_TRUE(sysfs.dynamic_ids().empty());
    EXPECT_EQ(restore({kFirst}), Exit::kOk) << said;
    expect_as_at_first(kFirst);
}

TEST_F(ChangeTest, AnIdOfSomebodyElseStays) {
    sysfs.without_driver_override();
    const std::string id = "f8615163-df3e-46c5-913f-f2d2f965ed0e";
    ASSERT_EQ(sysfs.write("/sys/bus/vmbus/drivers/uio_hv_generic/new_id", id), 0);
    EXPECT_EQ(bind({kFirst}), Exit::kOk) << said;
    EXPECT_TRUE(sysfs.dynamic_ids().contains(id));
}

TEST_F(ChangeTest, ADryRunPrintsAndWritesNothing) {
    options.dry_run = true;
    EXPECT_EQ(bind({kFirst}), Exit::kOk);
    EXPECT_THAT(printed, HasSubstr("echo " + std::string(kFirst) + " > "));
    EXPECT_THAT(printed, HasSubstr("uio_hv_generic/bind"));
    EXPECT_THAT(sysfs.writes(), IsEmpty());
    EXPECT_TRUE(records.all().empty());
}

TEST_F(ChangeTest, ASignalPutsBack) {
    sysfs.delays.uio_ms = 500;
    kernel.stop_after_pauses = 3;
    EXPECT_EQ(bind({kFirst}), Exit::kFailed);
    EXPECT_THAT(said, HasSubstr("a signal"));
    expect_as_at_first(kFirst);
}

TEST_F(ChangeTest, ANicBoundByOthersGoesToTheKernelDriver) {
    ASSERT_EQ(bind({kFirst}), Exit::kOk);
    records.erase(kFirst);
    EXPECT_EQ(restore({kFirst}), Exit::kOk) << said;
    expect_as_at_first(kFirst);
}

TEST_F(ChangeTest, ANicThatWasBoundFromNoDriverGoesToTheKernelDriver) {
    ASSERT_EQ(sysfs.write("/sys/bus/vmbus/drivers/hv_netvsc/unbind", kFirst), 0);
    ASSERT_EQ(bind({kFirst}), Exit::kOk) << said;
    EXPECT_EQ(restore({kFirst}), Exit::kOk) << said;
    expect_as_at_first(kFirst);
}

TEST_F(ChangeTest, ANicThatCameBackFromTheHostIsLeftAsItIs) {
    ASSERT_EQ(bind({kFirst}), Exit::kOk);
    sysfs.remove_nic(kFirst);
    sysfs.add_nic({.uuid = kFirst, .ifname = "eth1", .mac = "00:15:5d:00:00:01"});
    EXPECT_EQ(restore({kFirst}), Exit::kOk);
    EXPECT_THAT(said, HasSubstr("already"));
    expect_as_at_first(kFirst);
}

/// Killed at each write in turn, before it and after it.
class KilledTest : public ChangeTest, public testing::WithParamInterface<std::tuple<int, bool>> {};

TEST_P(KilledTest, TheNextRunPutsBackOrCompletes) {
    make_up(kSecond);
    options.force = true;
    sysfs.delays = {.vf_release_ms = 200, .interface_ms = 100, .uio_ms = 100};
    kernel.kill_at(std::get<0>(GetParam()), std::get<1>(GetParam()));
    EXPECT_THROW(bind({kSecond}), Killed);
    EXPECT_TRUE(nic(kSecond).interrupted);
    kernel.settle();
    restore({kSecond});
    EXPECT_TRUE(sysfs.is_up(kSecond));
    expect_as_at_first(kSecond);
}

TEST_P(KilledTest, ARestoreToo) {
    make_up(kSecond);
    options.force = true;
    ASSERT_EQ(bind({kSecond}), Exit::kOk);
    kernel.kill_at(std::get<0>(GetParam()), std::get<1>(GetParam()));
    EXPECT_THROW(restore({kSecond}), Killed);
    kernel.settle();
    EXPECT_EQ(restore({kSecond}), Exit::kOk) << said;
    EXPECT_TRUE(sysfs.is_up(kSecond));
    expect_as_at_first(kSecond);
}

INSTANTIATE_TEST_SUITE_P(AtEachWrite, KilledTest,
                         testing::Combine(testing::Range(1, 5), testing::Bool()));

}  // namespace
}  // namespace vmbus::devbind
