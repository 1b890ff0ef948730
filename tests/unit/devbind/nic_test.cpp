#include "nic.hpp"

#include <gtest/gtest.h>

#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

struct NicTest : testing::Test, PlayedMachine {};

TEST_F(NicTest, ReadsWhatSysfsSays) {
    const Nic first = nic(kFirst);
    EXPECT_EQ(first.ifname, "eth1");
    EXPECT_EQ(first.mac, "00:15:5d:00:00:01");
    EXPECT_EQ(first.driver, "hv_netvsc");
    EXPECT_EQ(first.numa, 0);
    EXPECT_EQ(first.channels, 1U);
    EXPECT_TRUE(first.can_override);
    EXPECT_TRUE(first.has_monitor_bit);
    EXPECT_FALSE(first.up());
    EXPECT_FALSE(first.vf);
}

TEST_F(NicTest, FindsTheVirtualFunction) {
    const Nic second = nic(kSecond);
    ASSERT_TRUE(second.vf);
    EXPECT_EQ(second.vf->pci, "0002:00:02.0");
    EXPECT_EQ(second.vf->ifname, "enP2s2");
    EXPECT_EQ(second.vf->driver, "mlx5_core");
    EXPECT_FALSE(second.vf->up());
}

TEST_F(NicTest, ABoundNicKeepsTheAddressNameAndVfOfItsRecord) {
    ASSERT_EQ(bind({kSecond}), Exit::kOk) << said;
    const Nic second = nic(kSecond);
    EXPECT_EQ(second.uio, "uio0");
    EXPECT_EQ(second.ifname, "");
    EXPECT_EQ(second.earlier_ifname, "eth2");
    EXPECT_EQ(second.mac, "00:15:5d:00:00:02");
    ASSERT_TRUE(second.vf);
    EXPECT_EQ(second.vf->ifname, "enP2s2");
}

TEST_F(NicTest, OtherDevicesOfTheBusAreNoNics) {
    sysfs.put("/sys/bus/vmbus/devices/" + std::string("bbbb0001-0000-4000-8000-000000000001") +
                  "/class_id",
              "{57164f39-9115-4e78-ab55-382f3bd5422d}");
    EXPECT_EQ(read_nics(tree, records).size(), 2U);
}

TEST_F(NicTest, UpIsABitOfTheFlags) {
    EXPECT_TRUE(is_up("0x1003"));
    EXPECT_FALSE(is_up("0x1002"));
    EXPECT_FALSE(is_up(""));
}

}  // namespace
}  // namespace vmbus::devbind
