#include "bus/vmbus/selection.hpp"

#include <gtest/gtest.h>

#include "fake_buses.hpp"

namespace vmbus::bus {
namespace {

constexpr wire::Guid kInstance = wire::guid_literal("11111111-0000-4000-8000-00000000abcd");
const std::string kUpperCase = "vmbus:11111111-0000-4000-8000-00000000ABCD";

class Selection : public ::testing::Test {
protected:
    bool is_selected() {
        return selected(vmbus.bus.conf.scan_mode, find_devargs("vmbus", kInstance));
    }

    test::FakeBus vmbus{"vmbus"};
};

TEST_F(Selection, TakesEverythingWithoutOptions) {
    EXPECT_TRUE(is_selected());
}

TEST_F(Selection, FindsArgumentsWhateverTheCaseOfTheId) {
    const test::FakeArgument allowed(RTE_DEVTYPE_ALLOWED, kUpperCase + ",latency=50");
    ASSERT_EQ(allowed.status, 0);
    const rte_devargs* devargs = find_devargs("vmbus", kInstance);
    ASSERT_NE(devargs, nullptr);
    EXPECT_STREQ(devargs->args, "latency=50");
    EXPECT_TRUE(is_selected());
}

TEST_F(Selection, LeavesOutWhatIsNotOnAnAllowList) {
    const test::FakeArgument allowed(RTE_DEVTYPE_ALLOWED, "vmbus:" + test::kNicA);
    EXPECT_EQ(vmbus.bus.conf.scan_mode, RTE_BUS_SCAN_ALLOWLIST);
    EXPECT_FALSE(is_selected());
}

TEST_F(Selection, LeavesOutWhatIsOnABlockList) {
    const test::FakeArgument blocked(RTE_DEVTYPE_BLOCKED, kUpperCase);
    EXPECT_FALSE(is_selected());
}

TEST_F(Selection, TakesWhatIsNotOnABlockList) {
    const test::FakeArgument blocked(RTE_DEVTYPE_BLOCKED, "vmbus:" + test::kNicA);
    EXPECT_TRUE(is_selected());
}

}  // namespace
}  // namespace vmbus::bus
