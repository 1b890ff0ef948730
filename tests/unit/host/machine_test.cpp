#include "host/machine.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace vmbus::host {
namespace {

MachineOptions options_for(const std::vector<std::string>& nics, const std::string& script) {
    MachineOptions options;
    std::string why;
    for (const auto& nic : nics) {
        const auto number = static_cast<unsigned>(options.nics.size());
        options.nics.push_back(*parse_nic_spec(nic, number, why));
    }
    options.command = {"sh", "-c", script};
    options.face_library = std::getenv("VMBUS_FACE_LIBRARY");
    return options;
}

RunResult run(const MachineOptions& options) {
    std::string why;
    const auto machine = Machine::create(options, why);
    EXPECT_NE(machine, nullptr) << why;
    auto result = machine->run([](const Machine&) {});
    EXPECT_TRUE(result.ok());
    return result.value();
}

const std::string kNic = "port=null,id=6a5e0001-0000-4000-8000-000000000001";
const std::string kDirectory = "/sys/bus/vmbus/devices/6a5e0001-0000-4000-8000-000000000001";

TEST(Machine, GivesTheStatusOfItsGuest) {
    const auto result = run(options_for({kNic}, "exit 5"));
    EXPECT_EQ(result.end, RunEnd::kGuestEnded);
    EXPECT_EQ(result.guest_status, 5);
}

TEST(Machine, ASignalCountsFrom128) {
    EXPECT_EQ(run(options_for({kNic}, "kill -9 $$")).guest_status, 128 + 9);
}

TEST(Machine, TheGuestSeesEachNicInSysfs) {
    EXPECT_EQ(
        run(options_for({kNic, "port=null"}, "test -r " + kDirectory + "/device_id && " +
                                                 "test $(ls /sys/bus/vmbus/devices | wc -l) = 2"))
            .guest_status,
        0);
}

TEST(Machine, NobodyElseSeesThem) {
    EXPECT_FALSE(std::filesystem::exists(kDirectory));
}

TEST(Machine, RemovesItsPrivateFolder) {
    const std::string script = "echo $VMBUS_FACE_ROOT >$0; test -d $VMBUS_FACE_ROOT";
    const auto note =
        std::filesystem::temp_directory_path() / ("machine-test-" + std::to_string(::getpid()));
    auto options = options_for({kNic}, script);
    options.command.push_back(note);
    EXPECT_EQ(run(options).guest_status, 0);
    std::string folder;
    std::ifstream(note) >> folder;
    std::filesystem::remove(note);
    EXPECT_FALSE(folder.empty());
    EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(Machine, AGuestInLockstepIsAnsweredEachStep) {
    constexpr char kScript[] =
        "f=$VMBUS_HOST_LOCKSTEP; for i in 1 2 3; do printf '\\1\\0\\0\\0\\4\\0\\0\\0' >&$f; "
        "test $(head -c 8 <&$f | wc -c) = 8 || exit 1; done; exit 6";
    auto options = options_for({kNic}, "");
    options.command = {"bash", "-c", kScript};
    options.lockstep = true;
    EXPECT_EQ(run(options).guest_status, 6);
}

TEST(Machine, RefusesAPcapFileThatIsNotThere) {
    std::string why;
    EXPECT_EQ(Machine::create(options_for({"port=pcap:in=/nowhere/x.pcap"}, "true"), why), nullptr);
    EXPECT_NE(why.find("/nowhere/x.pcap"), std::string::npos);
}

TEST(Machine, AReplayThatNobodyTakesEndsAtTheDeadline) {
    const auto file = std::string(std::getenv("VMBUS_TEST_DATA")) + "/real-traffic.pcap";
    auto options = options_for({"port=pcap:in=" + file}, "sleep 60");
    options.replay_deadline = std::chrono::seconds(1);
    EXPECT_EQ(run(options).end, RunEnd::kReplayStuck);
}

}  // namespace
}  // namespace vmbus::host
