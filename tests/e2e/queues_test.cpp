// Several queues: what the host spreads over the channels of a NIC goes through testpmd whole.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/pcap_maker.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kFrames = 1400;
constexpr auto kPatience = 60s;

class Queues : public ::testing::Test {
protected:
    HostRun replay(const std::vector<std::string>& options, const std::string& nic = "") const {
        return {.nics = {"port=pcap:in=" + a() + ":out=" + b() + nic,
                         "port=pcap:in=" + c() + ":out=" + d() + nic},
                .guest = testpmd(options),
                .stats = folder_.path("stats.json")};
    }
    /// Every frame, whatever the order between flows.
    void expect_everything_out(const HostRun& what) {
        make_pcap(a(), kFrames, 1);
        make_pcap(c(), kFrames, 2);
        Child host(what.command());
        ASSERT_EQ(host.wait(kPatience), 0) << host.output();
        EXPECT_TRUE(frames_of(a()) == frames_of(d())) << host.output();
        EXPECT_TRUE(frames_of(c()) == frames_of(b()));
        EXPECT_EQ(violations(read_json(what.stats)), 0U);
    }
    /// Sorted, because flows overtake each other.
    static Frames frames_of(const std::string& file) {
        std::string why;
        Frames frames = read_pcap(file, why);
        EXPECT_EQ(why, "");
        EXPECT_EQ(frames.size(), kFrames);
        std::sort(frames.begin(), frames.end());
        return frames;
    }

    std::string a() const { return folder_.path("a.pcap"); }
    std::string b() const { return folder_.path("b.pcap"); }
    std::string c() const { return folder_.path("c.pcap"); }
    std::string d() const { return folder_.path("d.pcap"); }

    TemporaryFolder folder_;
};

TEST_F(Queues, EveryFrameArrivesOverFour) {
    expect_everything_out(replay({"--rxq=4", "--txq=4"}));
}

// row: dev_configure
TEST_F(Queues, CountsMayDiffer) {
    expect_everything_out(replay({"--rxq=2", "--txq=5"}));
}

TEST_F(Queues, MoreTransmitQueuesThanChannelsShareThem) {
    expect_everything_out(replay({"--rxq=1", "--txq=4"}, ",queues=1"));
}

}  // namespace
}  // namespace vmbus::test
