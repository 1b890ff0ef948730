#include "bus/vmbus/bus.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "fake_buses.hpp"
#include "fake_sysfs.hpp"

namespace vmbus::bus {
namespace {

constexpr unsigned kNoSuchUio = 987654;

int probes = 0;

class BusOf : public ::testing::Test {
protected:
    BusOf() {
        probes = 0;
        bus.add(driver);
    }
    ~BusOf() override { bus.cleanup(); }

    void rescan() { bus.update(eal.bus, scan(tree.root()).nics); }
    Device* device(const std::string& name) {
        return bus.find(nullptr, [&](const rte_device& one) { return name == one.name; });
    }
    int count() {
        int devices = 0;
        for (Device* at = next(nullptr); at != nullptr; at = next(&at->generic())) {
            ++devices;
        }
        return devices;
    }
    Device* next(const rte_device* start) {
        return bus.find(start, [](const rte_device&) { return true; });
    }

    test::FakeSysfs tree;
    test::FakeBus eal{"vmbus"};
    Driver driver{.name = "net_fake",
                  .class_id = wire::kNicClass,
                  .probe = [](Device&) noexcept { return ++probes, 0; },
                  .remove = [](Device&) noexcept { return 0; }};
    Bus bus;
};

TEST_F(BusOf, EachScannedNicBecomesOneDevice) {
    tree.add_nic(test::kNicB);
    tree.add_nic(test::kNicA);
    rescan();
    rescan();
    EXPECT_EQ(count(), 2);
    EXPECT_EQ(next(nullptr)->name(), test::kNicA);
    EXPECT_EQ(device(test::kNicA)->generic().bus, &eal.bus);
}

TEST_F(BusOf, ANicThatWentIsForgotten) {
    tree.add_nic(test::kNicA);
    rescan();
    tree.remove(test::kNicA);
    rescan();
    EXPECT_EQ(count(), 0);
}

TEST_F(BusOf, ANicThatWasBoundSinceIsSeenAsBound) {
    tree.add_nic(test::kNicA);
    rescan();
    EXPECT_FALSE(bus.has_work());
    tree.bind(test::kNicA, kNoSuchUio);
    rescan();
    EXPECT_TRUE(bus.has_work());
}

TEST_F(BusOf, ArgumentsReachTheDeviceAndTakeItsName) {
    const test::FakeArgument allowed(RTE_DEVTYPE_ALLOWED,
                                     "vmbus:11111111-0000-4000-8000-00000000000A,latency=7");
    tree.add_nic(test::kNicA);
    rescan();
    ASSERT_NE(device(test::kNicA)->generic().devargs, nullptr);
    EXPECT_STREQ(device(test::kNicA)->generic().devargs->args, "latency=7");
    EXPECT_EQ(device(test::kNicA)->generic().devargs->name, test::kNicA);
}

TEST_F(BusOf, AnUnboundNicIsNotedOnceAndIsNoFailure) {
    tree.add_nic(test::kNicA);
    rescan();
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(bus.probe_all(), 0);
    rescan();
    EXPECT_EQ(bus.probe_all(), 0);
    const std::string said = ::testing::internal::GetCapturedStderr();
    const auto at = said.find("vmbus-devbind bind " + test::kNicA);
    ASSERT_NE(at, std::string::npos) << said;
    EXPECT_EQ(said.find("vmbus-devbind", at + 1), std::string::npos) << said;
}

TEST_F(BusOf, ABlockedNicIsNoWork) {
    const test::FakeArgument blocked(RTE_DEVTYPE_BLOCKED, "vmbus:" + test::kNicA);
    tree.add_nic(test::kNicA);
    tree.bind(test::kNicA, kNoSuchUio);
    rescan();
    EXPECT_FALSE(bus.has_work());
    EXPECT_EQ(bus.probe_all(), 0);
}

TEST_F(BusOf, ProbingFailsWhenNoNicCanBeMapped) {
    tree.add_nic(test::kNicA);
    tree.bind(test::kNicA, kNoSuchUio);
    rescan();
    EXPECT_EQ(bus.probe_all(), -1);
    EXPECT_EQ(probes, 0);
    EXPECT_EQ(device(test::kNicA)->generic().driver, nullptr);
}

TEST_F(BusOf, PluggingSaysWhyItFails) {
    tree.add_nic(test::kNicA);
    rescan();
    EXPECT_EQ(bus.plug(*device(test::kNicA)), -ENODEV);
    tree.bind(test::kNicA, kNoSuchUio);
    rescan();
    EXPECT_EQ(bus.plug(*device(test::kNicA)), -ENOENT);
    bus.remove(driver);
    EXPECT_EQ(bus.plug(*device(test::kNicA)), 1) << "no driver takes it";
}

TEST_F(BusOf, ADeviceWithoutDriverCannotBeUnplugged) {
    tree.add_nic(test::kNicA);
    rescan();
    EXPECT_EQ(bus.unplug(*device(test::kNicA)), -ENODEV);
    EXPECT_EQ(count(), 1);
}

}  // namespace
}  // namespace vmbus::bus
