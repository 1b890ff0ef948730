#include "bus/vmbus/device.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "bus/vmbus/scan.hpp"
#include "fake_sysfs.hpp"

namespace vmbus::bus {
namespace {

constexpr unsigned kNoSuchUio = 987654;

class DeviceOf : public ::testing::Test {
protected:
    DeviceOf() { tree.add_nic(test::kNicA, 14); }
    Identity identity() const { return scan(tree.root()).nics.at(0); }

    test::FakeSysfs tree;
};

TEST_F(DeviceOf, AnIdentityIsFoundAgainFromTheGenericDevice) {
    Device device(identity());
    EXPECT_EQ(&Device::of(device.generic()), &device);
    EXPECT_EQ(device.generic().name, test::kNicA);
    EXPECT_EQ(device.generic().numa_node, 0);
}

TEST_F(DeviceOf, AnUnboundNicCannotBeMapped) {
    Device device(identity());
    EXPECT_FALSE(device.bound());
    EXPECT_EQ(device.map(), -ENODEV);
    EXPECT_FALSE(device.mapped());
}

TEST_F(DeviceOf, ANicWithABadMapCannotBeMapped) {
    tree.bind(test::kNicA, kNoSuchUio);
    tree.write(test::FakeSysfs::uio_path(test::kNicA, kNoSuchUio) + "/maps/map1/name", "x");
    Device device(identity());
    EXPECT_EQ(device.map(), -EINVAL);
}

TEST_F(DeviceOf, ANicWithoutItsFileCannotBeMapped) {
    tree.bind(test::kNicA, kNoSuchUio);
    Device device(identity());
    EXPECT_EQ(device.map(), -ENOENT);
    EXPECT_EQ(device.interrupt_handle(), nullptr);
}

TEST_F(DeviceOf, WhatAnotherProcessHasOfAnotherDeviceIsNotMapped) {
    Device device(identity());
    std::string problem;
    EXPECT_EQ(device.map_as({.uio_number = kNoSuchUio}, problem), -ENODEV);
    EXPECT_FALSE(problem.empty());
    DevicePlaces places{.uio_number = kNoSuchUio};
    device.identity().name.copy(places.name.data(), places.name.size());
    EXPECT_EQ(device.map_as(places, problem), -ENOENT);
    EXPECT_FALSE(device.mapped());
}

TEST_F(DeviceOf, ALaterScanChangesWhatIsKnown) {
    Device device(identity());
    tree.bind(test::kNicA, kNoSuchUio);
    device.refresh(identity());
    EXPECT_TRUE(device.bound());
    EXPECT_EQ(device.generic().name, test::kNicA);
}

TEST_F(DeviceOf, ANicIsPresentUntilTheKernelTakesItAway) {
    tree.bind(test::kNicA, kNoSuchUio);
    const Device device(identity());
    EXPECT_TRUE(device.present());
    tree.remove(test::kNicA);
    EXPECT_FALSE(device.present());
}

TEST_F(DeviceOf, ANicThatWasOfferedAnewIsNotTheOneOfBefore) {
    tree.bind(test::kNicA, kNoSuchUio);
    const Device device(identity());
    tree.write(test::kNicA + "/id", "15");
    EXPECT_FALSE(device.present());
}

}  // namespace
}  // namespace vmbus::bus
