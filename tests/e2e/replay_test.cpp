// A run is recorded, and what its host said is played to another guest, without anything that the
// recorded NICs were plugged into.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/pcap_maker.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kFrames = 3000;
constexpr auto kPatience = 60s;

class RecordAndReplay : public ::testing::Test {
protected:
    std::string file(const std::string& name) const { return folder_.path(name); }
    std::string session() const { return file("session.record"); }

    /// Frames of a.pcap go in on the first NIC, those of c.pcap on the second.
    void record(const std::vector<std::string>& guest) const {
        make_pcap(file("a.pcap"), kFrames, 1);
        make_pcap(file("c.pcap"), kFrames, 2);
        const HostRun run{
            .nics = {"port=pcap:in=" + file("a.pcap"), "port=pcap:in=" + file("c.pcap")},
            .guest = guest,
            .options = {"--record", session()}};
        Child host(run.command());
        ASSERT_EQ(host.wait(kPatience), 0) << host.output();
    }
    /// The exit status. What the guest sends comes out as b.pcap and d.pcap.
    int replay(const std::vector<std::string>& guest,
               const std::vector<std::string>& options = {}) {
        HostRun run{.nics = {"port=pcap:out=" + file("b.pcap"), "port=pcap:out=" + file("d.pcap")},
                    .guest = guest,
                    .options = {"--replay", session()}};
        run.options.insert(run.options.end(), options.begin(), options.end());
        Child host(run.command());
        const int status = host.wait(kPatience).value_or(-1);
        said_ = host.output();
        return status;
    }
    bool said(const std::string& text) const { return said_.find(text) != std::string::npos; }

    /// Sorted, because flows overtake each other.
    Frames frames_of(const std::string& name) const {
        std::string why;
        Frames frames = read_pcap(file(name), why);
        EXPECT_EQ(why, "");
        std::sort(frames.begin(), frames.end());
        return frames;
    }

    const TemporaryFolder folder_;
    std::string said_;
};

// testpmd throws away what comes before all its ports are started, unless it is told not to: on a
// busy machine that may be more than what came when it was recorded.
TEST_F(RecordAndReplay, TestpmdSendsTheSameFramesAgain) {
    const auto guest = testpmd({"--no-flush-rx"});
    record(guest);
    EXPECT_EQ(replay(guest), 0) << said_;
    EXPECT_FALSE(said("differs")) << said_;
    EXPECT_EQ(compare_pcaps(file("a.pcap"), file("d.pcap")), "");
    EXPECT_EQ(compare_pcaps(file("c.pcap"), file("b.pcap")), "");
}

TEST_F(RecordAndReplay, OnFourQueuesAsWell) {
    const auto guest = testpmd({"--rxq=4", "--txq=4", "--no-flush-rx"});
    record(guest);
    EXPECT_EQ(replay(guest), 0) << said_;
    EXPECT_TRUE(frames_of("a.pcap") == frames_of("d.pcap")) << said_;
    EXPECT_TRUE(frames_of("c.pcap") == frames_of("b.pcap"));
}

TEST_F(RecordAndReplay, ARecordOfAReplayCanBeReadAndPlayed) {
    record(forwarder(Driver::kOurs));
    const auto again = file("again.record");
    EXPECT_EQ(replay(forwarder(Driver::kOurs), {"--record", again}), 0) << said_;
    Child dump({std::string(BUILD_ROOT) + "/app/vmbus-dump", "--no-data", again});
    EXPECT_EQ(dump.wait(10s), 0);
    EXPECT_NE(dump.output().find("INITIALIZE"), std::string::npos) << dump.output();
    std::filesystem::rename(again, session());
    EXPECT_EQ(replay(forwarder(Driver::kOurs)), 0) << said_;
    EXPECT_EQ(compare_pcaps(file("a.pcap"), file("d.pcap")), "");
}

TEST_F(RecordAndReplay, TheDistributionsDriverIsAGuestLikeAnyOther) {
    record(forwarder(Driver::kDistribution));
    EXPECT_EQ(replay(forwarder(Driver::kDistribution)), 0) << said_;
    EXPECT_EQ(compare_pcaps(file("a.pcap"), file("d.pcap")), "");
}

TEST_F(RecordAndReplay, AGuestThatWantsSomethingElseIsToldFromTheRecordedOne) {
    record(testpmd());
    EXPECT_EQ(replay(testpmd({"--rxq=4", "--txq=4"})), 4) << said_;
    EXPECT_TRUE(said("differs: ")) << said_;
    EXPECT_TRUE(said(", got SUBCHANNEL")) << said_;
}

TEST_F(RecordAndReplay, AGuestThatDoesNothingSaysWhatWasWaitedFor) {
    record(forwarder(Driver::kOurs));
    EXPECT_EQ(replay({"true"}), 4) << said_;
    EXPECT_TRUE(said("waits for channel 0 to be opened")) << said_;
    EXPECT_EQ(replay({"sleep", "100"}, {"--deadline", "1"}), 4) << said_;
    EXPECT_TRUE(said("deadline")) << said_;
}

TEST_F(RecordAndReplay, ATornOrGarbledRecordIsRefusedInOneLine) {
    record(forwarder(Driver::kOurs));
    const auto size = std::filesystem::file_size(session());
    std::fstream(session(), std::ios::in | std::ios::out | std::ios::binary).seekp(41) << '\x7F';
    EXPECT_EQ(replay({"true"}), 2);
    EXPECT_TRUE(said("record 1 is none")) << said_;
    std::fstream(session(), std::ios::in | std::ios::out | std::ios::binary).seekp(41) << '\x01';
    std::filesystem::resize_file(session(), size - 3);
    EXPECT_EQ(replay({"true"}), 2);
    EXPECT_TRUE(said("vmbus-host: --replay " + session())) << said_;
    EXPECT_EQ(std::count(said_.begin(), said_.end(), '\n'), 1) << said_;
}

}  // namespace
}  // namespace vmbus::test
