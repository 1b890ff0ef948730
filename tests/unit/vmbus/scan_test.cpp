#include "bus/vmbus/scan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_sysfs.hpp"

namespace vmbus::bus {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ScanOf : public ::testing::Test {
protected:
    Scan result() const { return scan(tree.root()); }
    /// The reason why the only NIC of the tree is refused.
    std::string refusal() const {
        const Scan found = result();
        return found.refused.size() == 1 && found.nics.empty() ? found.refused[0].reason : "none";
    }

    test::FakeSysfs tree;
};

TEST_F(ScanOf, AMissingTreeFindsNothingAndIsNoError) {
    const Scan found = scan(tree.path("none"));
    EXPECT_EQ(found.error, 0);
    EXPECT_THAT(found.nics, IsEmpty());
}

TEST_F(ScanOf, ABoundNicKnowsAllOfIt) {
    tree.add_nic(test::kNicA, 21);
    tree.bind(test::kNicA, 3);
    const Scan found = result();
    ASSERT_THAT(found.nics, SizeIs(1));
    const Identity& nic = found.nics[0];
    EXPECT_EQ(nic.name, test::kNicA);
    EXPECT_EQ(nic.sysfs_path, tree.path(test::kNicA));
    EXPECT_EQ(nic.class_id, wire::kNicClass);
    EXPECT_EQ(wire::to_string(nic.instance_id), test::kNicA);
    EXPECT_EQ(nic.relid, 21U);
    EXPECT_EQ(nic.monitor_id, 5);
    EXPECT_EQ(nic.numa_node, 0);
    EXPECT_EQ(nic.uio_number, 3);
}

TEST_F(ScanOf, AnUnboundNicHasNoUioNumber) {
    tree.add_nic(test::kNicA);
    ASSERT_THAT(result().nics, SizeIs(1));
    EXPECT_EQ(result().nics[0].uio_number, -1);
}

TEST_F(ScanOf, ANicWithoutMonitorAttributeHasNoMonitor) {
    tree.add_nic(test::kNicA);
    tree.remove(test::kNicA + "/monitor_id");
    ASSERT_THAT(result().nics, SizeIs(1));
    EXPECT_EQ(result().nics[0].monitor_id, wire::kNoMonitor);
}

TEST_F(ScanOf, ANicWithoutNumaNodeIsOnNoneInParticular) {
    tree.add_nic(test::kNicA);
    tree.remove(test::kNicA + "/numa_node");
    ASSERT_THAT(result().nics, SizeIs(1));
    EXPECT_EQ(result().nics[0].numa_node, -1);
}

TEST_F(ScanOf, OtherClassesAreLeftOutSilently) {
    tree.add_nic(test::kNicA);
    tree.write(test::kNicA + "/class_id", "{ba6163d9-04a1-4d29-b605-72e2ffb1dc7f}");
    EXPECT_THAT(result().nics, IsEmpty());
    EXPECT_THAT(result().refused, IsEmpty());
}

TEST_F(ScanOf, OneBadEntryDoesNotHideTheOthers) {
    tree.write("0-garbage/class_id", "not a guid");
    tree.add_nic(test::kNicA);
    EXPECT_THAT(result().nics, SizeIs(1));
    ASSERT_THAT(result().refused, SizeIs(1));
    EXPECT_EQ(result().refused[0].name, "0-garbage");
}

TEST_F(ScanOf, NicsAreSortedByInstanceId) {
    tree.write("x/class_id", test::kNicClassText);
    tree.add_nic(test::kNicB);
    tree.add_nic(test::kNicA);
    const Scan found = result();
    ASSERT_THAT(found.nics, SizeIs(2));
    EXPECT_LT(found.nics[0].instance_id, found.nics[1].instance_id);
}

TEST_F(ScanOf, TheSameInstanceTwiceCountsOnce) {
    tree.add_nic(test::kNicA);
    tree.add_nic(test::kNicB);
    tree.write(test::kNicB + "/device_id", "{" + test::kNicA + "}");
    EXPECT_THAT(result().nics, SizeIs(1));
    ASSERT_THAT(result().refused, SizeIs(1));
    EXPECT_THAT(result().refused[0].reason, HasSubstr(test::kNicA));
}

TEST_F(ScanOf, EachAttributeThatMustBeThereIsNamedWhenItIsNot) {
    for (const std::string attribute : {"class_id", "device_id", "id"}) {
        tree.add_nic(test::kNicA);
        tree.remove(test::kNicA + "/" + attribute);
        EXPECT_THAT(refusal(), HasSubstr(attribute + ": No such file"));
    }
}

TEST_F(ScanOf, NumbersOutOfRangeAreRefused) {
    tree.add_nic(test::kNicA, wire::kMaxRelid + 1);
    EXPECT_THAT(refusal(), HasSubstr("id: Numerical result out of range"));
    tree.add_nic(test::kNicA, wire::kMaxRelid);
    tree.write(test::kNicA + "/monitor_id", "128");
    EXPECT_THAT(refusal(), HasSubstr("monitor_id: Numerical"));
    tree.write(test::kNicA + "/monitor_id", "-1");
    EXPECT_THAT(refusal(), HasSubstr("monitor_id: Numerical"));
}

}  // namespace
}  // namespace vmbus::bus
