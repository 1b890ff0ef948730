// vmbus-devbind status: what scripts and people see, and how a NIC is named.
#include <gmock/gmock.h>

#include "devbind_story.hpp"

namespace vmbus::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

using DevbindStatus = DevbindStory;

TEST_F(DevbindStatus, JsonDescribesEachNic) {
    const auto result = run({"status", "--json"});
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.err, IsEmpty());
    EXPECT_EQ(result.json()["schema"], 1);
    const auto second = result.json()["devices"][1];
    EXPECT_EQ(second["uuid"], kSecond);
    EXPECT_EQ(second["mac"], "00:15:5d:00:00:02");
    EXPECT_EQ(second["vf"]["pci"], "0002:00:02.0");
    EXPECT_EQ(second["safe_to_bind"], true);
}

TEST_F(DevbindStatus, TextIsGrouped) {
    const auto result = run({"-s"});
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.out, HasSubstr("on uio_hv_generic\n"));
    EXPECT_THAT(result.out, HasSubstr(std::string(kFirst) + " if=eth1"));
}

TEST_F(DevbindStatus, ANicIsNamedByInterfaceAddressUuidOrPrefix) {
    for (const char* name : {"eth2", "00:15:5D:00:00:02", kSecond, "bbbb", "{BBBB0002"}) {
        EXPECT_EQ(device(name)["uuid"], kSecond) << name;
    }
}

TEST_F(DevbindStatus, NothingMatchedIs3) {
    const auto result = run({"status", "eth9"});
    EXPECT_EQ(result.status, 3);
    EXPECT_THAT(result.err, HasSubstr("eth9: no VMBus NIC"));
    EXPECT_THAT(result.out, IsEmpty());
}

TEST_F(DevbindStatus, AnAmbiguousPrefixIs2AndNamesThemAll) {
    const auto result = run({"status", "0015:5d"});
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr(kFirst));
    EXPECT_THAT(result.err, HasSubstr(kSecond));
}

TEST_F(DevbindStatus, WrongUsageIs2) {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{},
                                               {"frobnicate"},
                                               {"bind"},
                                               {"bind", "eth1", "--frobnicate"},
                                               {"-b", "vfio-pci", "eth1"},
                                               {"-s", "-u", "eth1"},
                                               {"-u"},
                                               {"bind", "eth1", "--timeout", "0"}}) {
        const auto result = run(words);
        EXPECT_EQ(result.status, 2) << result.err;
        EXPECT_THAT(result.err, HasSubstr("vmbus-devbind: "));
        EXPECT_THAT(result.out, IsEmpty());
    }
}

TEST_F(DevbindStatus, AFolderThatIsNotThereIs2) {
    Child child({devbind_program(), "status", "--sysfs-root", "/nowhere"});
    EXPECT_EQ(child.wait(std::chrono::seconds(10)), 2) << child.output();
}

TEST_F(DevbindStatus, AMachineWithoutVmbusHasNoNics) {
    const TemporaryFolder empty;
    Child child({devbind_program(), "status", "--json", "--sysfs-root", empty.path("")});
    EXPECT_EQ(child.wait(std::chrono::seconds(10)), 0);
    EXPECT_THAT(child.output(), HasSubstr("\"devices\": []"));
    EXPECT_THAT(child.output(), HasSubstr("no VMBus"));
}

}  // namespace
}  // namespace vmbus::test
