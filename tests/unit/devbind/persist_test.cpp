#include "persist.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct PersistTest : testing::Test, PlayedMachine {
    Persistence persistence() {
        return {tree,
                options,
                {[this](const std::string& text) { printed += text; },
                 [this](const std::string& text) { said += text; }}};
    }
    std::string file() const { return "/etc/driverctl.d/vmbus-" + std::string(kFirst); }
};

TEST_F(PersistTest, WritesWhatDriverctlReads) {
    EXPECT_EQ(persistence().persist({nic(kFirst)}, {}), Exit::kOk) << said;
    EXPECT_EQ(tree.text(file()), "uio_hv_generic\n");
    EXPECT_THAT(said, HasSubstr("apt-get install driverctl"));
    EXPECT_THAT(persisted_uuids(tree), ElementsAre(kFirst));
    EXPECT_EQ(tree.list("/etc/driverctl.d").size(), 1U);
}

TEST_F(PersistTest, GoesAgainAndBothAreIdempotent) {
    sysfs.put("/usr/sbin/driverctl", "");
    ASSERT_EQ(persistence().persist({nic(kFirst)}, {}), Exit::kOk);
    EXPECT_EQ(persistence().persist({nic(kFirst)}, {}), Exit::kOk);
    EXPECT_EQ(persistence().unpersist({kFirst}), Exit::kOk);
    EXPECT_EQ(persistence().unpersist({kFirst}), Exit::kOk);
    EXPECT_THAT(persisted_uuids(tree), IsEmpty());
    EXPECT_FALSE(tree.exists(file()));
}

TEST_F(PersistTest, RefusesTheNicThatTheMachineIsReachedOver) {
    const Surroundings around{.routes = {{"eth1", {}, 0}}, .ssh = {}, .addresses = {}};
    EXPECT_EQ(persistence().persist({nic(kFirst)}, around), Exit::kRefused);
    EXPECT_FALSE(tree.exists(file()));
    options.force = true;
    EXPECT_EQ(persistence().persist({nic(kFirst)}, around), Exit::kOk);
}

TEST_F(PersistTest, LeavesTheOverrideOfAnotherDriver) {
    sysfs.put(file(), "uio_pci_generic");
    EXPECT_EQ(persistence().unpersist({kFirst}), Exit::kRefused);
    EXPECT_TRUE(tree.exists(file()));
}

TEST_F(PersistTest, NeedsDriverOverride) {
    sysfs.without_driver_override();
    EXPECT_EQ(persistence().persist({nic(kFirst)}, {}), Exit::kMissing);
}

TEST_F(PersistTest, ADryRunSaysWhichFile) {
    options.dry_run = true;
    EXPECT_EQ(persistence().persist({nic(kFirst)}, {}), Exit::kOk);
    EXPECT_THAT(printed, HasSubstr("echo uio_hv_generic > "));
    EXPECT_FALSE(tree.exists(file()));
}

}  // namespace
}  // namespace vmbus::devbind
