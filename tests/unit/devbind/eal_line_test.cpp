#include "eal_line.hpp"

#include <gtest/gtest.h>

#include "memory.hpp"
#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

struct EalLineTest : testing::Test, PlayedMachine {
    EalLineTest() {
        sysfs.put("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "512");
        sysfs.put("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "100");
    }
    std::string line(const std::vector<std::string>& uuids) const {
        return eal_line(tree, those(uuids), Plugin{.path = "/p.so"});
    }
};

TEST_F(EalLineTest, NamesTheDriverTheNicAndNothingElse) {
    EXPECT_EQ(line({kFirst}), "-d /p.so -a vmbus:" + std::string(kFirst) + " --no-pci");
}

TEST_F(EalLineTest, NamesTheVfOfTheNic) {
    EXPECT_EQ(line({kSecond}), "-d /p.so -a vmbus:" + std::string(kSecond) + " -a 0002:00:02.0");
}

TEST_F(EalLineTest, OneFunctionOfManaHasTheAddressesOfAllItsNics) {
    auto nics = those({kFirst, kSecond});
    for (Nic& nic : nics) {
        nic.vf = Vf{.pci = "7870:00:00.0", .ifname = "x", .driver = "mana", .flags = ""};
    }
    const auto text = eal_line(tree, nics, std::nullopt);
    EXPECT_NE(text.find("-a 7870:00:00.0,mac=00:15:5d:00:00:01,mac=00:15:5d:00:00:02"),
              std::string::npos)
        << text;
}

TEST_F(EalLineTest, WithoutHugepagesItSaysSo) {
    sysfs.put("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0");
    EXPECT_EQ(line({kFirst}).find("--no-huge"), 0U);
}

TEST_F(EalLineTest, OnSeveralNodesItTakesTheCpusBesideTheNic) {
    sysfs.put("/sys/devices/system/node/node0/cpulist", "0-7");
    sysfs.put("/sys/devices/system/node/node1/cpulist", "8-15");
    EXPECT_EQ(line({kFirst}).find("-l 0-7 "), 0U);
}

TEST_F(EalLineTest, WhatDpdkLoadsByItselfIsNotNamed) {
    const auto text = eal_line(tree, those({kFirst}), Plugin{"/p.so", true});
    EXPECT_EQ(text.find("-d"), std::string::npos);
}

TEST_F(EalLineTest, HugepagesAreCountedOverAllSizes) {
    sysfs.put("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "2");
    EXPECT_EQ(read_hugepages(tree).total, 514U);
    EXPECT_EQ(read_hugepages(tree).free, 100U);
}

}  // namespace
}  // namespace vmbus::devbind
