// main() for tests that need mbufs: a small EAL without hugepages, files or devices.
#include <gtest/gtest.h>
#include <rte_eal.h>

#include <array>

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    std::array arguments{
        "unit-netvsc", "--no-huge",      "-m",       "64",  "--no-pci",
        "--no-shconf", "--no-telemetry", "--lcores", "0@0", "--log-level=lib.eal:error"};
    if (rte_eal_init(static_cast<int>(arguments.size()), const_cast<char**>(arguments.data())) <
        0) {
        return 1;
    }
    const int result = RUN_ALL_TESTS();
    rte_eal_cleanup();
    return result;
}
