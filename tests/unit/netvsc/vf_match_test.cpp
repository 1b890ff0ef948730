#include "net/netvsc/vf_match.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include <fstream>

namespace vmbus::netvsc {
namespace {

constexpr oids::MacAddress kNic = {0x00, 0x15, 0x5D, 1, 2, 3};
constexpr VfCandidate kMellanox{
    .mac = kNic, .driver = "mlx5_pci", .bus = "pci", .device = "0002:00:02.0"};

// row: vf_match
TEST(VfMatch, AddressOfTheNicMakesTheVf) {
    EXPECT_TRUE(is_vf_of(kNic, "", kMellanox));
    EXPECT_FALSE(is_vf_of({0x00, 0x15, 0x5D, 1, 2, 4}, "", kMellanox));
}

// row: vf_match
TEST(VfMatch, SlotOfTheSerialNumberVetoes) {
    EXPECT_TRUE(is_vf_of(kNic, "0002:00:02", kMellanox));
    EXPECT_FALSE(is_vf_of(kNic, "0003:00:02", kMellanox));
}

TEST(VfMatch, WhatIsNotOnPciHasNoSlot) {
    EXPECT_TRUE(is_vf_of(kNic, "0003:00:02",
                         {.mac = kNic, .driver = "net_tap", .bus = "vdev", .device = "net_tap0"}));
}

TEST(VfMatch, NicOfTheVmBusIsNobodysVf) {
    EXPECT_FALSE(is_vf_of(kNic, "",
                          {.mac = kNic, .driver = "net_netvsc", .bus = "vmbus", .device = "uuid"}));
}

TEST(VfMatch, SlotIsReadFromSysfs) {
    std::string root = std::filesystem::temp_directory_path() / "vmbus-slots-XXXXXX";
    ASSERT_NE(::mkdtemp(root.data()), nullptr);
    std::filesystem::create_directories(root + "/bus/pci/slots/7");
    std::ofstream(root + "/bus/pci/slots/7/address") << "0002:00:02\n";
    EXPECT_EQ(slot_address(7, root), "0002:00:02");
    EXPECT_EQ(slot_address(8, root), "");
    std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace vmbus::netvsc
