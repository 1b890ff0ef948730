// Our driver on each kernel that vmbus-host can play: traffic, and the removal of a NIC.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/pcap_maker.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
constexpr unsigned kFrames = 2000;

class Forwarding : public ::testing::Test {
protected:
    /// Replays one file through testpmd into another.
    int forward(const std::string& kernel, const std::string& more, std::string& output,
                const std::vector<std::string>& options = {},
                const std::vector<std::string>& eal = {}) const {
        const HostRun run{
            .nics = {"port=pcap:in=" + in_ + ":out=" + folder_.path("b.pcap") + more +
                         ",id=" + kId + "1",
                     "port=pcap:out=" + folder_.path("d.pcap") + more + ",id=" + kId + "2"},
            .guest = testpmd(options, eal),
            .options = {"--kernel", kernel}};
        Child host(run.command());
        const int status = host.wait(40s).value_or(-1);
        output = host.output();
        return status;
    }

    /// But for the last digit.
    static constexpr const char* kId = "11111111-2222-3333-4444-00000000000";
    const TemporaryFolder folder_;
    const std::string in_ = folder_.path("a.pcap");
};

class KernelProfile : public Forwarding, public ::testing::WithParamInterface<const char*> {};
using KernelThatDoesNotKnowTheSizeOfRings = Forwarding;

/// The oldest and the newest way to deal with interrupt masks, and that of a stable kernel.
using Extremes = KernelProfile;

TEST_P(Extremes, TestpmdForwardsEveryFrame) {
    make_pcap(in_, kFrames, 1);
    std::string output;
    EXPECT_EQ(forward(GetParam(), "", output), 0) << output;
    EXPECT_EQ(compare_pcaps(in_, folder_.path("d.pcap")), "") << output;
}

TEST_P(KernelProfile, TestpmdLearnsOfARemovalAndLetsGo) {
    const auto script = folder_.path("fault.json");
    std::ofstream(script) << R"({"faults": [{"what": "rescind", "nic": 0, "after": 500}]})";
    auto guest = testpmd({"-i"});
    guest.insert(guest.begin(), {"stdbuf", "-oL"});  // its output is a file, not a terminal
    const HostRun run{.nics = {"port=gen:rate=20000", "port=gen:rate=20000"},
                      .guest = guest,
                      .options = {"--kernel", GetParam(), "--fault", script}};
    Child host(run.command());
    EXPECT_TRUE(host.prints("nb forwarding ports=1", 30s)) << host.output();
    host.type("quit");
    EXPECT_EQ(host.wait(30s), 0) << host.output();
}

std::string name_of(const ::testing::TestParamInfo<const char*>& kernel) {
    std::string name = kernel.param;
    std::replace(name.begin(), name.end(), '.', '_');
    return "Linux" + name;
}

INSTANTIATE_TEST_SUITE_P(Each, KernelProfile,
                         ::testing::Values("5.15", "6.1", "6.1.156", "6.1.159", "6.12", "6.12.58",
                                           "6.16", "6.18"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(EachWay, Extremes, ::testing::Values("5.15", "6.1.159", "6.18"), name_of);

using WithoutMonitorBit = KernelProfile;

TEST_P(WithoutMonitorBit, TestpmdForwardsThroughTheKernelsDoorbell) {
    make_pcap(in_, kFrames, 1);
    std::string output;
    EXPECT_EQ(forward(GetParam(), ",monitor=off", output), 0) << output;
    EXPECT_EQ(compare_pcaps(in_, folder_.path("d.pcap")), "") << output;
}

INSTANTIATE_TEST_SUITE_P(Since6_10, WithoutMonitorBit, ::testing::Values("6.12"), name_of);

// The kernel signals the primary only: what is sent on another channel would wait for ever.
TEST_P(WithoutMonitorBit, ChannelsThatNobodyCanSignalAreNotUsed) {
    make_pcap(in_, kFrames, 64);
    std::string output;
    EXPECT_EQ(forward(GetParam(), ",monitor=off,queues=2", output, {"--rxq=2", "--txq=2"}), 0)
        << output;
    EXPECT_NE(output.find("has no monitor bit"), std::string::npos) << output;
    EXPECT_EQ(compare_pcaps(in_, folder_.path("d.pcap")), "") << output;
}

class SignalsByWord : public Forwarding {
protected:
    /// Two NICs of two channels without monitor bits, each with this argument. What was printed.
    std::string forward_with(const std::string& kernel, const std::string& signals) const {
        make_pcap(in_, kFrames, 64);
        std::vector<std::string> eal = {"--lcores", "0@0,1@0", "--no-huge", "-m", "512"};
        for (const char* nic : {"1", "2"}) {
            eal.insert(eal.end(),
                       {"-a", std::string("vmbus:") + kId + nic + ",signals=" + signals});
        }
        std::string output;
        EXPECT_EQ(forward(kernel, ",monitor=off,queues=2", output, {"--rxq=2", "--txq=2"}, eal), 0)
            << output;  // all came back, in the order of their flows
        return output;
    }
};

TEST_F(SignalsByWord, StableKernelWithTheFixIsNotKnownByItsRelease) {
    EXPECT_NE(forward_with("6.12.58", "auto").find("has no monitor bit"), std::string::npos);
}

TEST_F(SignalsByWord, AllChannelsAreUsedWhereTheUserSaysSo) {
    const std::string output = forward_with("6.12.58", "all");
    EXPECT_EQ(output.find("has no monitor bit"), std::string::npos) << output;
    EXPECT_EQ(output.find("channels instead of"), std::string::npos) << output;
}

TEST_F(SignalsByWord, PrimaryAloneIsUsedWhereTheUserSaysSo) {
    EXPECT_NE(forward_with("6.18", "primary").find("signals=primary"), std::string::npos);
}

// It says 4 MiB of each, and maps that much of one that has more.
TEST_F(KernelThatDoesNotKnowTheSizeOfRings, SubChannelsHaveAllOfTheirs) {
    make_pcap(in_, kFrames, 1);
    std::string output;
    EXPECT_EQ(forward("6.1", ",ring=4M,queues=2", output, {"--rxq=2", "--txq=2"}), 0) << output;
}

TEST(UnboundNic, AnOlderKernelDoesNotBindANicWithoutAMonitorBitAndTheHostSaysSo) {
    Child host(HostRun{.nics = {"port=null,monitor=off"},
                       .guest = {"sh", "-c", "ls /sys/class/uio; ls /sys/bus/vmbus/devices"},
                       .options = {"--kernel", "5.15"}}
                   .command());
    EXPECT_EQ(host.wait(10s), 0);
    EXPECT_NE(host.output().find("monitor bit"), std::string::npos) << host.output();
    EXPECT_EQ(host.output().find("uio0"), std::string::npos) << host.output();
}

}  // namespace
}  // namespace vmbus::test
