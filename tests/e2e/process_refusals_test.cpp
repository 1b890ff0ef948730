// When a process besides the primary may not send and receive, or the virtual function may not be
// used because of it: each is told by a line, and the primary goes on.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "processes_story.hpp"

namespace vmbus::test {
namespace {

class RefusedProcess : public Processes {
protected:
    /// It says why, moves nothing, and ends well; the primary does not notice.
    void expect_refused(Sharer& other, const std::string& reason) {
        EXPECT_TRUE(other.child().prints("this process cannot send or receive: " + reason, 10s))
            << other.child().output();
        EXPECT_TRUE(idles(other));
        EXPECT_TRUE(primary_->does("mtu 1400")) << primary_->child().output();
        EXPECT_TRUE(works(*primary_));
        EXPECT_TRUE(idles(other));
        EXPECT_EQ(violations(quit()), 0U);
    }
    /// Whether the one is left who clears up when the last guest of this host is gone.
    bool is_guarded() const {
        for (const auto& process : std::filesystem::directory_iterator("/proc")) {
            std::string name;
            std::string command;
            std::getline(std::ifstream(process.path() / "comm"), name);
            std::getline(std::ifstream(process.path() / "cmdline"), command);
            if (name == "vmbus-guardian" && command.find(socket()) != std::string::npos) {
                return true;
            }
        }
        return false;
    }
    /// Where the primary process has mapped a part of the device: the first memory that it shares
    /// and that is none of EAL's.
    std::string device_address() {
        std::ifstream maps("/proc/" + std::to_string(primary_->process()) + "/maps");
        for (std::string line; std::getline(maps, line);) {
            if (line.find(" rw-s ") != std::string::npos &&
                line.find("/rtemap_") == std::string::npos &&
                line.find("/run/dpdk/") == std::string::npos) {
                return "0x" + line.substr(0, line.find('-'));
            }
        }
        return "";
    }
};

// defect: 4.4-14 what is lent is given back by a function pointer of the process that received it
TEST_F(RefusedProcess, PortThatLendsItsFramesLetsNobodyElseIn) {
    start({.device = "rx_extmbuf_enable=1"});
    Sharer& other = join();
    EXPECT_TRUE(other.child().prints("lends received frames", 10s)) << other.child().output();
    EXPECT_TRUE(idles(other));
    EXPECT_TRUE(primary_->does("mtu 1400"));
    EXPECT_EQ(violations(quit()), 0U);
}

TEST_F(RefusedProcess, InAnotherPidNamespaceItsDeathWouldNotBeSeen) {
    start();
    expect_refused(join(1, {}, {"unshare", "--pid", "--fork"}), "it is in another PID namespace");
    EXPECT_TRUE(comes_true([this] { return !is_guarded(); }))
        << "somebody waits for a guest that has ended";
}

TEST_F(RefusedProcess, WhereAnAddressOfTheDeviceIsTakenItCannotBeMapped) {
    start();
    const std::string address = device_address();
    ASSERT_NE(address, "");
    expect_refused(join(1, {address}), "an address is taken in this process");
}

TEST_F(Processes, VirtualFunctionIsNotUsedWhileAnotherProcessIsIn) {
    if (!std::filesystem::exists("/dev/net/tun")) {
        GTEST_SKIP() << "taps need /dev/net/tun";
    }
    const std::string mac = "mac=00:15:5d:00:00:01";
    start({.nic = "port=loop,vf=7," + mac,
           .eal = {"--vdev", "net_tap0,iface=vf" + std::to_string(::getpid()) + "," + mac}});
    ASSERT_TRUE(primary_->child().prints("data path: VF", 10s)) << primary_->child().output();
    Sharer& other = join();
    EXPECT_TRUE(primary_->child().prints("data path: synthetic", 10s))
        << primary_->child().output();
    EXPECT_TRUE(works(other));
    EXPECT_TRUE(works(*primary_));
    EXPECT_TRUE(primary_->does("stop"));
    EXPECT_TRUE(primary_->does("start"));
    EXPECT_TRUE(works(other));
    EXPECT_EQ(primary_->xstat("vf_switches_to_vf"), 1U) << "not while it is there";
    EXPECT_EQ(other.quit(), 0) << other.child().output();
    EXPECT_TRUE(primary_->does("stop"));
    EXPECT_TRUE(primary_->does("start"));
    EXPECT_TRUE(comes_true([&] { return primary_->xstat("vf_switches_to_vf") == 2U; }))
        << primary_->child().output();
    EXPECT_EQ(violations(quit()), 0U);
}

}  // namespace
}  // namespace vmbus::test
