#include "host/tap_device.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

namespace vmbus::host {
namespace {

/// Runs on a thread in a new network namespace, so that no device of this machine is touched.
class TapDevice : public testing::Test {
protected:
    template <class Story>
    void in_new_network(const Story& story) {
        bool possible = true;
        std::thread([&] {
            possible = ::unshare(CLONE_NEWNET) == 0;
            if (possible) story();
        }).join();
        if (!possible) GTEST_SKIP() << "no network namespace without root";
    }

    std::string why_;
};

TEST_F(TapDevice, IsMadeAndGoesWithItsDescriptor) {
    in_new_network([this] {
        auto file = open_tap({.name = "t0"}, why_);
        ASSERT_TRUE(file) << why_;
        EXPECT_NE(::if_nametoindex("t0"), 0U);
        EXPECT_NE(::fcntl(file.get(), F_GETFL) & O_NONBLOCK, 0);
        file.reset();
        EXPECT_EQ(::if_nametoindex("t0"), 0U);
    });
}

TEST_F(TapDevice, ThatIsInUseIsRefused) {
    in_new_network([this] {
        const auto first = open_tap({.name = "t0"}, why_);
        ASSERT_TRUE(first) << why_;
        EXPECT_FALSE(open_tap({.name = "t0"}, why_));
        EXPECT_EQ(why_, "t0: another program has this device");
    });
}

TEST_F(TapDevice, ADeviceOfAnotherKindIsRefused) {
    in_new_network([this] {
        EXPECT_FALSE(open_tap({.name = "lo"}, why_));
        EXPECT_EQ(why_, "lo: there is such a device, but not a tap with one queue");
    });
}

TEST_F(TapDevice, InAnotherNetworkLeavesTheCallerWhereItWas) {
    in_new_network([this] {
        const std::string elsewhere = "/proc/" + std::to_string(::getpid()) + "/ns/net";
        EXPECT_FALSE(open_tap({.name = "lo", .network = elsewhere}, why_));
        const auto here = open_tap({.name = "t0"}, why_);
        EXPECT_NE(::if_nametoindex("t0"), 0U);
    });
}

TEST_F(TapDevice, ANetworkThatIsNotThereIsNamed) {
    EXPECT_FALSE(open_tap({.name = "t0", .network = "no-such-network"}, why_));
    EXPECT_EQ(why_, "network namespace no-such-network: No such file or directory");
}

TEST_F(TapDevice, WithoutPrivilegesTheLineSaysWhatToDo) {
    in_new_network([this] {
        // The system call, unlike the function of libc, is about this thread alone.
        ASSERT_EQ(::syscall(SYS_setresuid, 65534, 65534, 65534), 0);
        EXPECT_FALSE(open_tap({.name = "t0"}, why_));
        EXPECT_NE(why_.find("ip tuntap add dev t0 mode tap user"), std::string::npos) << why_;
    });
}

}  // namespace
}  // namespace vmbus::host
