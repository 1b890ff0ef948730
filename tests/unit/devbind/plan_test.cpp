#include "plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct PlanTest : testing::Test {
    PlanTest() {
        nic.uuid = "U";
        nic.ifname = "eth1";
        nic.driver = "hv_netvsc";
        nic.flags = "0x1002";
        nic.can_override = true;
    }
    static std::vector<std::string> lines(const std::vector<Step>& steps) {
        std::vector<std::string> text;
        for (const Step& step : steps) {
            text.push_back(shell_line(Tree("/r"), step));
        }
        return text;
    }
    Nic nic;
};

constexpr const char* kBus = "/r/bus/vmbus/";

TEST_F(PlanTest, BindsByOverride) {
    EXPECT_THAT(
        lines(plan(nic, bound_state(nic))),
        ElementsAre(std::string("echo uio_hv_generic > ") + kBus + "devices/U/driver_override",
                    std::string("echo U > ") + kBus + "drivers/hv_netvsc/unbind",
                    "# wait until the driver has let go of the NIC",
                    std::string("echo U > ") + kBus + "drivers/uio_hv_generic/bind",
                    "# wait until the NIC has its uioN"));
}

TEST_F(PlanTest, BindsByIdWhereThereIsNoOverrideAndTakesTheIdBack) {
    nic.can_override = false;
    const auto steps = lines(plan(nic, bound_state(nic)));
    EXPECT_THAT(steps.front(), testing::HasSubstr("drivers/uio_hv_generic/new_id"));
    EXPECT_THAT(steps.back(), testing::HasSubstr("drivers/uio_hv_generic/remove_id"));
}

TEST_F(PlanTest, LowersTheInterfaceAndItsVfFirst) {
    nic.flags = "0x1103";  // up, and somebody listens to all
    nic.vf = Vf{.pci = "1", .ifname = "vf", .driver = "mlx5_core", .flags = "0x1843"};
    const auto steps = lines(plan(nic, bound_state(nic)));
    EXPECT_EQ(steps[0], "echo 0x1002 > /r/class/net/eth1/flags");
    EXPECT_EQ(steps[1], "echo 0x1842 > /r/class/net/vf/flags");
    EXPECT_THAT(steps,
                testing::Contains("# wait until the driver has let go of the NIC and of vf"));
}

TEST_F(PlanTest, WhatIsSoNeedsNothing) {
    EXPECT_THAT(plan(nic, origin_of(nic)), IsEmpty());
    nic.driver = "uio_hv_generic";
    nic.override_ = "uio_hv_generic";
    EXPECT_THAT(plan(nic, bound_state(nic)), IsEmpty());
}

TEST_F(PlanTest, TheWayBackRaisesWhatWasUp) {
    nic.flags = "0x1003";
    const Origin origin = origin_of(nic);
    nic.driver = "uio_hv_generic";
    nic.override_ = "uio_hv_generic";
    nic.ifname = nic.flags = "";
    const auto steps = lines(plan(nic, origin));
    EXPECT_EQ(steps.front(), std::string("echo \"\" > ") + kBus + "devices/U/driver_override");
    EXPECT_EQ(steps.back(), "echo 0x1003 > /r/class/net/eth1/flags");
}

TEST_F(PlanTest, AWayBackWithoutANewDriverLeavesTheInterfaceAlone) {
    Origin origin = origin_of(nic);
    origin.flags = "0x1003";
    EXPECT_THAT(plan(nic, origin), IsEmpty());
    EXPECT_THAT(lines(plan(nic, origin, {.lowered = true})),
                ElementsAre("# wait for the name eth1", "echo 0x1003 > /r/class/net/eth1/flags"));
}

TEST_F(PlanTest, ANicWithoutADriverWaitsForTheReleaseToo) {
    nic.driver = "";
    EXPECT_EQ(plan(nic, kernel_state()).front().kind, Step::Kind::kAwaitRelease);
}

TEST_F(PlanTest, AnOverrideThatBarsTheDriverComesBackLast) {
    nic.override_ = "theirs";
    const Origin origin = origin_of(nic);
    nic.driver = "uio_hv_generic";
    nic.override_ = "uio_hv_generic";
    const auto steps = plan(nic, origin);
    EXPECT_EQ(steps.front().text, "\n");
    EXPECT_EQ(steps.back().text, "theirs\n");
}

}  // namespace
}  // namespace vmbus::devbind
