// main() of tests that are guest programs: an application of DPDK on an emulated NIC whose port is
// a loop. EAL takes the arguments up to "--", gtest the rest.
#include <gtest/gtest.h>
#include <rte_eal.h>

int main(int argc, char** argv) {
    const int taken = rte_eal_init(argc, argv);
    if (taken < 0) {
        return 1;
    }
    argc -= taken;
    argv += taken;
    testing::InitGoogleTest(&argc, argv);
    const int result = RUN_ALL_TESTS();
    rte_eal_cleanup();
    return result;
}
