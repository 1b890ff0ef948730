// Either side may die at any moment; the other one notices, says so, and leaves nothing behind.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "support/child.hpp"
#include "support/comes_true.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

/// The host's private folder, as its guest knows it.
std::string private_folder_of(pid_t guest) {
    std::ifstream environment("/proc/" + std::to_string(guest) + "/environ");
    const std::string key = "VMBUS_FACE_ROOT=";
    for (std::string entry; std::getline(environment, entry, '\0');) {
        if (entry.starts_with(key)) return entry.substr(key.size());
    }
    return {};
}

bool goes_away(const std::string& folder) {
    return !folder.empty() && comes_true([&] { return !std::filesystem::exists(folder); });
}

/// Two generators and testpmd between them, interactive, running.
class Lifetime : public ::testing::Test {
protected:
    Lifetime() : host_(run().command()) {}

    static HostRun run() {
        auto guest = testpmd({"-i"});
        guest.insert(guest.begin(), {"stdbuf", "-oL"});  // its output is a file, not a terminal
        // Interactive: no periodic statistics between what the test reads.
        const auto period = std::find(guest.begin(), guest.end(), "--stats-period");
        guest.erase(period, period + 2);
        return {.nics = {"port=gen:len=64:rate=20000", "port=gen:len=64:rate=20000"},
                .guest = guest};
    }

    bool traffic_runs() {
        if (!host_.prints("io packet forwarding", 20s)) return false;
        folder_ = private_folder_of(guest());
        host_.type("show port stats 0");
        return host_.prints("RX-packets", 10s);
    }
    /// The guest writes on when the host is gone.
    bool guest_says(const std::string& text) const {
        return comes_true([&] { return host_.output().find(text) != std::string::npos; });
    }
    pid_t guest() {
        const auto found = children_named(host_.pid(), "dpdk-testpmd");
        return found.empty() ? -1 : found.front();
    }

    std::string folder_;  ///< known once traffic runs
    Child host_;
};

TEST_F(Lifetime, KilledGuestIsReportedAndTheHostCleansUpAndExits) {
    ASSERT_TRUE(traffic_runs()) << host_.output();
    ASSERT_GT(guest(), 0);
    ::kill(guest(), SIGKILL);
    EXPECT_EQ(host_.wait(10s), 128 + SIGKILL) << host_.output();
    EXPECT_NE(host_.output().find("killed by signal 9"), std::string::npos) << host_.output();
    EXPECT_TRUE(goes_away(folder_));
}

TEST_F(Lifetime, KilledHostLooksLikeARemovalOfThePortsAndTestpmdStaysUp) {
    ASSERT_TRUE(traffic_runs()) << host_.output();
    const pid_t testpmd = guest();
    ASSERT_GT(testpmd, 0);
    host_.signal(SIGKILL);
    for (const char* news : {"Port 0: link state change event", "Port 0: device removal event",
                             "Port 1: link state change event", "Port 1: device removal event"}) {
        EXPECT_TRUE(guest_says(news)) << news << host_.output();
    }
    EXPECT_EQ(::kill(testpmd, 0), 0) << "testpmd must live on";
    host_.type("quit");
    EXPECT_TRUE(comes_true([&] { return ::kill(testpmd, 0) != 0; }))
        << "quit must work" << host_.output();
    EXPECT_TRUE(goes_away(folder_));
}

TEST_F(Lifetime, QuitEndsTheRunWithTheGuestsStatus) {
    ASSERT_TRUE(traffic_runs()) << host_.output();
    host_.type("quit");
    EXPECT_EQ(host_.wait(20s), 0) << host_.output();
    EXPECT_TRUE(goes_away(folder_));
}

// row: dev_start
TEST_F(Lifetime, StopAndStartAgainAndTrafficGoesOn) {
    ASSERT_TRUE(traffic_runs()) << host_.output();
    for (const char* line : {"stop", "port stop all", "port start all", "start"}) {
        host_.type(line);
    }
    std::this_thread::sleep_for(1s);
    // Not what the first stop says: what came before testpmd forwarded does not count there.
    const std::size_t again = host_.output().size();
    host_.type("clear port stats all");
    std::this_thread::sleep_for(1s);
    host_.type("show port summary all");
    host_.type("stop");
    host_.type("quit");
    EXPECT_EQ(host_.wait(20s), 0) << host_.output();
    EXPECT_NE(host_.output().find("Accumulated forward statistics", again), std::string::npos)
        << host_.output();
    EXPECT_EQ(host_.output().find("RX-packets: 0 ", again), std::string::npos) << host_.output();
}

TEST_F(Lifetime, InterruptedHostEndsTheGuestAndLeavesNothing) {
    ASSERT_TRUE(traffic_runs()) << host_.output();
    host_.signal(SIGTERM);
    EXPECT_TRUE(host_.wait(20s).has_value()) << host_.output();
    EXPECT_TRUE(goes_away(folder_));
}

}  // namespace
}  // namespace vmbus::test
