#include "bus/vmbus/takeover.hpp"

#include <gtest/gtest.h>

#include "fake_buses.hpp"

namespace vmbus::bus {
namespace {

const rte_bus* bus_of_first_argument() {
    const rte_devargs* devargs = rte_devargs_next("vmbus", nullptr);
    return devargs != nullptr ? devargs->bus : nullptr;
}

TEST(Takeover, LeavesBusesOfOtherNamesAlone) {
    test::FakeBus pci("pci");
    test::FakeBus ours("vmbus");
    EXPECT_EQ(take_over_other_buses(ours.bus), 0);
    EXPECT_TRUE(pci.registered());
    EXPECT_TRUE(ours.registered());
}

TEST(Takeover, RemovesABusThatWasLoadedFirst) {
    test::FakeBus builtin("vmbus");
    test::FakeBus ours("vmbus");
    EXPECT_EQ(take_over_other_buses(ours.bus), 1);
    EXPECT_FALSE(builtin.registered());
    EXPECT_TRUE(ours.registered());
}

TEST(Takeover, RemovesABusThatWasLoadedLater) {
    test::FakeBus ours("vmbus");
    test::FakeBus builtin("vmbus");
    EXPECT_EQ(take_over_other_buses(ours.bus), 1);
    EXPECT_FALSE(builtin.registered());
    EXPECT_TRUE(ours.registered());
}

TEST(Takeover, HappensOnce) {
    test::FakeBus ours("vmbus");
    test::FakeBus builtin("vmbus");
    take_over_other_buses(ours.bus);
    EXPECT_EQ(take_over_other_buses(ours.bus), 0);
}

TEST(Takeover, InheritsDeviceArgumentsAndScanMode) {
    test::FakeBus builtin("vmbus");
    test::FakeBus ours("vmbus");
    const test::FakeArgument allowed(RTE_DEVTYPE_ALLOWED, "vmbus:" + test::kNicA);
    ASSERT_EQ(bus_of_first_argument(), &builtin.bus);
    take_over_other_buses(ours.bus);
    EXPECT_EQ(bus_of_first_argument(), &ours.bus);
    EXPECT_EQ(ours.bus.conf.scan_mode, RTE_BUS_SCAN_ALLOWLIST);
}

TEST(Takeover, KeepsOurOwnScanMode) {
    test::FakeBus ours("vmbus");
    test::FakeBus builtin("vmbus");
    ours.bus.conf.scan_mode = RTE_BUS_SCAN_BLOCKLIST;
    take_over_other_buses(ours.bus);
    EXPECT_EQ(ours.bus.conf.scan_mode, RTE_BUS_SCAN_BLOCKLIST);
}

}  // namespace
}  // namespace vmbus::bus
