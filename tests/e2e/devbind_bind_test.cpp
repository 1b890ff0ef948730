// vmbus-devbind bind and unbind: the way there, the way back, and every way in between.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <thread>

#include "devbind_story.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

using DevbindBind = DevbindStory;

TEST_F(DevbindBind, BindsByInterfaceNameAndGivesBackByTheSameName) {
    const auto bound = run({"bind", "eth1"});
    EXPECT_EQ(bound.status, 0) << bound.err;
    EXPECT_THAT(bound.out, IsEmpty());
    EXPECT_EQ(device(kFirst)["state"], "uio");
    EXPECT_EQ(driver_of(kSecond), "hv_netvsc");
    const auto back = run({"restore", "eth1"});
    EXPECT_EQ(back.status, 0) << back.err;
    expect_as_at_first(kFirst);
}

TEST_F(DevbindBind, TakesDevbindsOwnOptions) {
    EXPECT_EQ(run({"-b", "uio_hv_generic", "eth1", "eth2"}).status, 0);
    EXPECT_EQ(driver_of(kFirst), "uio_hv_generic");
    EXPECT_EQ(driver_of(kSecond), "uio_hv_generic");
    EXPECT_EQ(run({"-u", kFirst}).status, 0);
    EXPECT_EQ(run({"-b", "hv_netvsc", kSecond}).status, 0);
    expect_as_at_first(kFirst);
    expect_as_at_first(kSecond);
}

TEST_F(DevbindBind, DoneTwiceIsDone) {
    EXPECT_EQ(run({"bind", "eth1"}).status, 0);
    EXPECT_EQ(run({"bind", kFirst}).status, 0);
    EXPECT_EQ(run({"unbind", kFirst}).status, 0);
    EXPECT_EQ(run({"unbind", kFirst}).status, 0);
    expect_as_at_first(kFirst);
}

TEST_F(DevbindBind, WaitsForTheVirtualFunctionAndForSysfs) {
    sysfs.delays = {.vf_release_ms = 400, .interface_ms = 200, .uio_ms = 300};
    EXPECT_EQ(run({"bind", "eth2"}).status, 0);
    EXPECT_EQ(device(kSecond)["vf"]["ifname"], "enP2s2");
    EXPECT_EQ(run({"unbind", kSecond}).status, 0);
    expect_as_at_first(kSecond);
}

TEST_F(DevbindBind, ADeadlineThatPassesPutsBack) {
    sysfs.delays.vf_release_ms = 1500;
    const auto result = run({"bind", "eth2", "--timeout", "1"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("enP2s2"));
    expect_as_at_first(kSecond);
}

TEST_F(DevbindBind, AKernelThatRefusesPutsBack) {
    sysfs.refuse("bind", ENOMEM);
    const auto result = run({"bind", "eth1"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("Cannot allocate memory"));
    expect_as_at_first(kFirst);
}

TEST_F(DevbindBind, ANicWithoutAMonitorBitOnAnOldKernelSaysWhy) {
    sysfs.add_nic({.uuid = "cccc0003-0000-4000-8000-000000000003",
                   .ifname = "eth3",
                   .mac = "00:15:5d:00:00:03",
                   .monitor_bit = false});
    const auto result = run({"bind", "eth1", "eth3"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("before Linux 6.10"));
    expect_as_at_first(kFirst);
    expect_as_at_first("cccc0003-0000-4000-8000-000000000003");
}

TEST_F(DevbindBind, BindsOnAKernelWithoutDriverOverride) {
    sysfs.without_driver_override();
    EXPECT_EQ(run({"bind", "eth1"}).status, 0);
    EXPECT_EQ(driver_of(kFirst), "uio_hv_generic");
    EXPECT_EQ(run({"unbind", kFirst}).status, 0);
    expect_as_at_first(kFirst);
}

TEST_F(DevbindBind, ADryRunPrintsEachWriteAndDoesNone) {
    const auto result = run({"bind", "eth2", "--dry-run"});
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.out, HasSubstr("echo uio_hv_generic > " + sysfs.root().string() +
                                      "/sys/bus/vmbus/devices/" + kSecond + "/driver_override\n"));
    EXPECT_THAT(result.out, HasSubstr("/drivers/hv_netvsc/unbind\n"));
    EXPECT_THAT(result.out,
                HasSubstr("# wait until the driver has let go of the NIC and of enP2s2"));
    EXPECT_TRUE(sysfs.writes().empty());
    EXPECT_FALSE(std::filesystem::exists(sysfs.at("/run/vmbus-devbind")));
}

TEST_F(DevbindBind, AMissingModuleIs5) {
    std::filesystem::remove_all(sysfs.at("/sys/bus/vmbus/drivers/uio_hv_generic"));
    const auto result = run({"bind", "eth1"});
    EXPECT_EQ(result.status, 5);
    EXPECT_THAT(result.err, HasSubstr("modprobe uio_hv_generic"));
    expect_as_at_first(kFirst);
}

TEST_F(DevbindBind, AMissingRightIs5) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "becoming somebody else takes root";
    }
    Child child({"setpriv", "--reuid=61234", "--regid=61234", "--clear-groups",
                 "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search",
                 "--bounding-set=-all,+dac_read_search", devbind_program(), "bind", "eth1",
                 "--sysfs-root", sysfs.root().string()});
    EXPECT_EQ(child.wait(10s), 5) << child.output();
    expect_as_at_first(kFirst);
}

TEST_F(DevbindBind, TwoAtOnceTakeTurns) {
    sysfs.delays.uio_ms = 300;
    Child other({"env", "LD_PRELOAD=" PLAYED_WRITES, "PLAYED_SYSFS=" + sysfs.root().string(),
                 devbind_program(), "bind", "eth2", "--sysfs-root", sysfs.root().string()});
    EXPECT_EQ(run({"bind", "eth1"}).status, 0);
    EXPECT_EQ(other.wait(30s), 0) << other.output();
    EXPECT_EQ(driver_of(kFirst), "uio_hv_generic");
    EXPECT_EQ(driver_of(kSecond), "uio_hv_generic");
}

TEST_F(DevbindBind, InterruptedByTheUserItPutsBack) {
    kernel.with([](PlayedSysfs& tree) { return tree.delays.uio_ms = 3000; });
    kernel.hold(3);
    Child child(command({"bind", "eth1"}));
    ASSERT_TRUE(kernel.is_held(10s));
    child.signal(SIGINT);
    kernel.go_on();
    EXPECT_EQ(result_of(child).status, 1);
    expect_as_at_first(kFirst);
}

/// Killed while the kernel has the N-th write.
class DevbindKilled : public DevbindStory, public testing::WithParamInterface<int> {
protected:
    void kill_in(const std::vector<std::string>& words) {
        kernel.hold(GetParam());
        Child child(command(words));
        ASSERT_TRUE(kernel.is_held(10s));
        child.signal(SIGKILL);
        EXPECT_EQ(child.wait(10s), 128 + SIGKILL);
        kernel.go_on();  // the kernel ends what it has begun
    }
    bool is_up() {
        return kernel.with([](PlayedSysfs& tree) { return tree.is_up(kSecond); });
    }
};

TEST_P(DevbindKilled, WhileBindingTheNextRunRecovers) {
    make_up(kSecond, "eth2");
    kill_in({"bind", "--force", "eth2"});
    EXPECT_EQ(device(kSecond)["interrupted"], true);
    const auto result = run({"restore", kSecond});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("an interrupted change is"));
    expect_as_at_first(kSecond);
    EXPECT_TRUE(is_up());
}

TEST_P(DevbindKilled, WhileBindingTheNextBindIsGood) {
    make_up(kSecond, "eth2");
    kill_in({"bind", "--force", "eth2"});
    EXPECT_EQ(run({"bind", "--force", "eth2"}).status, 0);
    EXPECT_EQ(driver_of(kSecond), "uio_hv_generic");
    EXPECT_EQ(device(kSecond)["interrupted"], false);
}

TEST_P(DevbindKilled, WhileGivingBackTheNextRunEndsIt) {
    make_up(kSecond, "eth2");
    ASSERT_EQ(run({"bind", "--force", "eth2"}).status, 0);
    kill_in({"unbind", kSecond});
    EXPECT_EQ(run({"unbind", kSecond}).status, 0);
    expect_as_at_first(kSecond);
    EXPECT_TRUE(is_up());
}

INSTANTIATE_TEST_SUITE_P(AtEachWrite, DevbindKilled, testing::Range(1, 5));

}  // namespace
}  // namespace vmbus::test
