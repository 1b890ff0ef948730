// vmbus-devbind keeps its hands off a NIC that somebody needs: each rule, and --force against it.
#include <gmock/gmock.h>

#include <filesystem>

#include "devbind_story.hpp"

namespace vmbus::test {
namespace {

using testing::HasSubstr;

struct DevbindRefusals : DevbindStory {
    void expect_refused(const std::string& reason, const std::string& words,
                        const std::vector<std::string>& variables = {}) {
        const auto refused = run({"bind", "eth1"}, variables);
        EXPECT_EQ(refused.status, 4) << refused.err;
        EXPECT_THAT(refused.err, HasSubstr(words));
        EXPECT_TRUE(sysfs.writes().empty());
        const auto status = run({"status", "--json", "eth1"}, variables).json()["devices"][0];
        EXPECT_EQ(status["safe_to_bind"], false);
        EXPECT_EQ(status["reasons"][0], reason);
        const auto forced = run({"bind", "eth1", "--force"}, variables);
        EXPECT_EQ(forced.status, 0) << forced.err;
        EXPECT_EQ(driver_of(kFirst), "uio_hv_generic");
    }
};

TEST_F(DevbindRefusals, TheDefaultRoute) {
    route("eth1", "00000000", "00000000");
    expect_refused("default-route", "has the default route");
}

TEST_F(DevbindRefusals, TheDefaultRouteOfIpv6) {
    const std::string zero(32, '0');
    sysfs.put("/proc/net/ipv6_route", zero + " 00 " + zero + " 00 fd" + std::string(29, '0') +
                                          "1 00000400 00000002 00000000 00000003 eth1");
    expect_refused("default-route", "has the default route");
}

TEST_F(DevbindRefusals, ThisSshSession) {
    route("eth1", "0000000A", "000000FF");
    expect_refused("ssh", "carries this SSH session",
                   {"SSH_CONNECTION=10.1.2.3 50000 10.0.0.4 22"});
}

TEST_F(DevbindRefusals, AnInterfaceThatIsUp) {
    make_up(kFirst, "eth1");
    expect_refused("up", "is up");
}

TEST_F(DevbindRefusals, ADefaultRouteOverTheVirtualFunction) {
    route("enP2s2", "00000000", "00000000");
    EXPECT_EQ(run({"bind", "eth2"}).status, 4);
    EXPECT_EQ(run({"-b", "uio_hv_generic", "eth1", "eth2"}).status, 4);
    expect_as_at_first(kFirst);
}

TEST_F(DevbindRefusals, ADeviceThatAProcessHasOpen) {
    ASSERT_EQ(run({"bind", "eth1"}).status, 0);
    sysfs.put("/proc/4711/comm", "dpdk-testpmd");
    std::filesystem::create_directories(sysfs.at("/proc/4711/fd"));
    std::filesystem::create_symlink("/dev/uio0", sysfs.at("/proc/4711/fd/5"));
    const auto refused = run({"unbind", kFirst});
    EXPECT_EQ(refused.status, 4);
    EXPECT_THAT(refused.err, HasSubstr("4711 (dpdk-testpmd)"));
    EXPECT_EQ(run({"unbind", kFirst, "--force"}).status, 0);
    expect_as_at_first(kFirst);
}

TEST_F(DevbindRefusals, ADryRunIsRefusedAsTheRealOneIs) {
    make_up(kFirst, "eth1");
    EXPECT_EQ(run({"bind", "eth1", "--dry-run"}).status, 4);
    const auto forced = run({"bind", "eth1", "--dry-run", "--force"});
    EXPECT_EQ(forced.status, 0);
    EXPECT_THAT(forced.out, HasSubstr("echo 0x1002 > "));
}

TEST_F(DevbindRefusals, PersistingTheNicThatTheMachineIsReachedOver) {
    route("eth1", "00000000", "00000000");
    EXPECT_EQ(run({"persist", "eth1"}).status, 4);
    EXPECT_EQ(run({"persist", "eth1", "--force"}).status, 0);
}

}  // namespace
}  // namespace vmbus::test
