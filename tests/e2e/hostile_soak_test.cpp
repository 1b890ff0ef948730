// The mixes of tools/soak-faults, for a few seconds each: it is run for longer by hand.
#include <gtest/gtest.h>

#include "support/child.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

void soak(const std::string& faults, const std::string& seed) {
    Child soak({SOURCE_ROOT "/tools/soak-faults", BUILD_ROOT, "--seconds", "4", "--round", "4",
                "--faults", faults, "--seed", seed, "--probability", "0.002"});
    EXPECT_EQ(soak.wait(120s), 0) << soak.output();
    EXPECT_NE(soak.output().find("1 rounds, 0 failed"), std::string::npos) << soak.output();
}

TEST(HostileSoak, HarmlessFaultsCostNothing) {
    soak("harmless", "11");
}

TEST(HostileSoak, AllFaultsTogetherLeaveTheApplicationAlive) {
    soak("all", "12");
}

}  // namespace
}  // namespace vmbus::test
