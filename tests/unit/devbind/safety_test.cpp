#include "safety.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Nic nic_named(const char* ifname, const char* flags = "0x1002") {
    Nic nic;
    nic.ifname = ifname;
    nic.flags = flags;
    return nic;
}

Surroundings around() {
    return {.routes = {{"eth0", {}, 0}, {"eth1", *parse_address("10.0.0.0"), 8}},
            .ssh = {},
            .addresses = {{"eth5", *parse_address("192.0.2.1")}}};
}

TEST(Safety, AQuietNicIsSafe) {
    EXPECT_THAT(dangers_of_binding(nic_named("eth1"), around()), IsEmpty());
}

TEST(Safety, TheDefaultRouteIsADanger) {
    EXPECT_THAT(dangers_of_binding(nic_named("eth0"), around()),
                ElementsAre(Danger::kDefaultRoute));
}

TEST(Safety, ADefaultRouteOverTheVfIsOneToo) {
    Nic nic = nic_named("eth1");
    nic.vf = Vf{.pci = "1", .ifname = "eth0", .driver = "", .flags = ""};
    EXPECT_THAT(dangers_of_binding(nic, around()), ElementsAre(Danger::kDefaultRoute));
}

TEST(Safety, AnInterfaceThatIsUpIsADanger) {
    EXPECT_THAT(dangers_of_binding(nic_named("eth1", "0x1003"), around()),
                ElementsAre(Danger::kUp));
}

TEST(Safety, TheWayToTheSshClientIsADanger) {
    auto here = around();
    here.ssh = SshSession{*parse_address("10.1.1.1"), *parse_address("192.0.2.1")};
    EXPECT_THAT(dangers_of_binding(nic_named("eth1"), here), ElementsAre(Danger::kSsh));
}

TEST(Safety, SoIsTheAddressThatTheClientCameTo) {
    auto here = around();
    here.ssh = SshSession{*parse_address("203.0.113.1"), *parse_address("192.0.2.1")};
    EXPECT_THAT(dangers_of_binding(nic_named("eth5"), here), ElementsAre(Danger::kSsh));
}

TEST(Safety, DangersAreSaidInOneSentence) {
    EXPECT_EQ(sentence_of({Danger::kDefaultRoute, Danger::kUp}), "has the default route, is up");
    EXPECT_EQ(word_of(Danger::kDefaultRoute), "default-route");
}

TEST(Safety, FindsWhoHasADeviceOpen) {
    PlayedMachine machine;
    machine.sysfs.put("/proc/4711/comm", "dpdk-testpmd");
    machine.sysfs.put("/proc/4711/fd/x", "");
    std::filesystem::create_symlink("/dev/uio3", machine.sysfs.at("/proc/4711/fd/5"));
    EXPECT_THAT(users_of(machine.tree, "uio3"), ElementsAre("4711 (dpdk-testpmd)"));
    EXPECT_THAT(users_of(machine.tree, "uio4"), IsEmpty());
    EXPECT_THAT(users_of(machine.tree, ""), IsEmpty());
}

}  // namespace
}  // namespace vmbus::devbind
