// The other commands of vmbus-devbind: persist, args, doctor, watch; its help and its completion.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>

#include "devbind_story.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

using DevbindCommands = DevbindStory;

TEST_F(DevbindCommands, PersistWritesWhatDriverctlAppliesAndUnpersistRemovesIt) {
    const std::string file = "/etc/driverctl.d/vmbus-" + std::string(kFirst);
    EXPECT_EQ(run({"persist", "eth1"}).status, 0);
    EXPECT_EQ(sysfs.line(file), "uio_hv_generic");
    EXPECT_EQ(run({"persist", "eth1"}).status, 0);
    EXPECT_EQ(run({"unpersist", "eth1"}).status, 0);
    EXPECT_FALSE(std::filesystem::exists(sysfs.at(file)));
    EXPECT_EQ(run({"unpersist", "eth1"}).status, 0);
}

TEST_F(DevbindCommands, ANicThatHasGoneCanBeUnpersisted) {
    const std::string gone = "cccc0003-0000-4000-8000-000000000003";
    sysfs.put("/etc/driverctl.d/vmbus-" + gone, "uio_hv_generic");
    EXPECT_EQ(run({"unpersist", gone}).status, 0);
    EXPECT_EQ(run({"unpersist", gone}).status, 3);
}

TEST_F(DevbindCommands, ArgsPrintsTheLineForTheBoundNics) {
    EXPECT_EQ(run({"args"}).status, 3);
    EXPECT_EQ(run({"args", "eth1"}).status, 1);
    ASSERT_EQ(run({"bind", "eth2"}).status, 0);
    const auto result = run({"args"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.out, "--no-huge -m 512 -d " + std::filesystem::canonical(plugin()).string() +
                              " -a vmbus:" + kSecond + " -a 0002:00:02.0\n");
}

TEST_F(DevbindCommands, DoctorSaysWhatIsWrongAndWhichCommandMendsIt) {
    std::filesystem::remove_all(sysfs.at("/sys/bus/vmbus/drivers/uio_hv_generic"));
    sysfs.put("/lib/modules/6.1.0/modules.dep", "kernel/drivers/uio/uio_hv_generic.ko:");
    sysfs.put("/proc/sys/kernel/osrelease", "6.1.0");
    const auto text = run({"doctor"});
    EXPECT_EQ(text.status, 1);
    EXPECT_THAT(text.out, HasSubstr("modprobe uio_hv_generic"));
    const auto json = run({"doctor", "--json"});
    EXPECT_EQ(json.status, 1);
    EXPECT_EQ(json.json()["checks"][1]["findings"][0]["word"], "module-not-loaded");
}

TEST_F(DevbindCommands, DoctorIsContentWithWarningsAlone) {
    ASSERT_EQ(run({"bind", "eth1"}).status, 0);
    const auto result = run({"doctor", "--json", "--plugin", "/usr/bin/env"});
    EXPECT_EQ(result.status, 0) << result.out;
}

TEST_F(DevbindCommands, WatchTellsWhatHappensAndEndsWithASignal) {
    Child watch({devbind_program(), "watch", "--json", "--interval", "10", "--sysfs-root",
                 sysfs.root().string()});
    ASSERT_TRUE(watch.prints("\"event\":\"present\"", 10s)) << watch.output();
    ASSERT_EQ(run({"bind", "eth1"}).status, 0);
    EXPECT_TRUE(watch.prints("uio_hv_generic as uio0", 10s)) << watch.output();
    watch.signal(SIGTERM);
    EXPECT_EQ(watch.wait(10s), 0);
}

TEST_F(DevbindCommands, EveryCommandHasHelp) {
    for (const char* verb : {"status", "bind", "unbind", "restore", "persist", "unpersist", "args",
                             "doctor", "watch"}) {
        Child child({devbind_program(), verb, "--help"});
        EXPECT_EQ(child.wait(10s), 0) << verb;
        EXPECT_THAT(child.output(), HasSubstr("--sysfs-root")) << verb;
    }
}

class Completion : public DevbindStory {
protected:
    std::string complete(const std::string& words) {
        const std::string script =
            "source " SOURCE_ROOT "/app/vmbus-devbind/completion.bash; COMP_WORDS=(" + words +
            "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _vmbus_devbind; echo \" ${COMPREPLY[*]} \"";
        Child child(
            {"env", "VMBUS_DEVBIND_SYSFS=" + sysfs.at("/sys").string(), "bash", "-c", script});
        EXPECT_EQ(child.wait(10s), 0) << child.output();
        return child.output();
    }
};

TEST_F(Completion, CompletesCommandsOptionsAndNics) {
    EXPECT_THAT(complete("vmbus-devbind per"), HasSubstr(" persist "));
    EXPECT_THAT(complete("vmbus-devbind bind eth"), HasSubstr(" eth1 eth2 "));
    EXPECT_THAT(complete("vmbus-devbind bind bbbb"), HasSubstr(kSecond));
    EXPECT_THAT(complete("vmbus-devbind doctor --j"), HasSubstr(" --json "));
    EXPECT_THAT(complete("vmbus-devbind -b uio"), HasSubstr(" uio_hv_generic "));
}

/// On the emulated host's own sysfs tree, as a guest sees it.
class OnTheEmulator : public testing::Test {
protected:
    static std::string run(const std::vector<std::string>& words, int expected) {
        HostRun host{.nics = {std::string("port=null,id=") + kFirst, "port=null"},
                     .guest = {devbind_program()}};
        host.guest.insert(host.guest.end(), words.begin(), words.end());
        Child child(host.command());
        EXPECT_EQ(child.wait(20s), expected) << child.output();
        return child.output();
    }
};

TEST_F(OnTheEmulator, StatusShowsItsNicsAsBound) {
    const auto text = run({"status"}, 0);
    EXPECT_THAT(text, HasSubstr("uio=/dev/uio0"));
    EXPECT_THAT(text, HasSubstr("uio=/dev/uio1"));
}

TEST_F(OnTheEmulator, ArgsNamesThem) {
    EXPECT_THAT(run({"args"}, 0), HasSubstr("-a vmbus:"));
}

TEST_F(OnTheEmulator, BindingThemIsDoneAlready) {
    EXPECT_THAT(run({"bind", "--dry-run", "aaaa"}, 0),
                HasSubstr(std::string(kFirst) + ": already on uio_hv_generic"));
}

TEST_F(OnTheEmulator, DoctorFindsRingsDevicesAndRightsAsTheyShouldBe) {
    const auto text = run({"doctor", "--json"}, 0);
    for (const char* word : {"ring-missing", "uio-node-missing", "uio-no-access", "module-not"}) {
        EXPECT_EQ(text.find(word), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace vmbus::test
