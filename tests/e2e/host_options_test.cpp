// Options of the host with a guest that forwards: bad cables, lans, captures, and how busy the host
// is.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/pcap_maker.hpp"
#include "support/tap_network.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
constexpr auto kPatience = 60s;

class HostOptions : public ::testing::Test {
protected:
    /// Runs a guest to its end; what the host counted is in `stats`.
    json run(HostRun what) const {
        what.stats = folder_.path("stats.json");
        Child host(what.command());
        EXPECT_EQ(host.wait(kPatience), 0) << host.output();
        const json stats = read_json(what.stats);
        EXPECT_EQ(violations(stats), 0U) << host.output();
        return stats;
    }
    /// The frames of a capture file, sorted.
    static Frames frames_of(const std::string& file) {
        std::string why;
        Frames frames = read_pcap(file, why);
        EXPECT_EQ(why, "");
        std::sort(frames.begin(), frames.end());
        return frames;
    }

    /// How often each frame of a capture file is in it.
    static std::map<FrameBytes, std::size_t> times_in(const std::string& file) {
        std::map<FrameBytes, std::size_t> times;
        for (const FrameBytes& frame : frames_of(file)) ++times[frame];
        return times;
    }

    const TemporaryFolder folder_;
};

/// A generator behind a bad cable, and a good one that is its sink.
class BadCable : public HostOptions {
protected:
    static constexpr std::uint64_t kFrames = 3000;

    json forward(const std::string& cable, const std::string& seed = "7") const {
        return run({.nics = {"port=gen:rate=20000:count=" + std::to_string(kFrames) +
                                 ":seed=" + seed + ":" + cable,
                             "port=gen:count=1:rate=1"},
                    .guest = forwarder(Driver::kOurs, {"--duration=2"})});
    }
    static std::uint64_t dropped(const json& stats, const char* why) {
        return stats["nics"][0]["drops"].value(why, std::uint64_t{0});
    }
    static std::uint64_t figure(const json& stats, unsigned nic, const char* name) {
        return stats["nics"][nic]["port"].value(name, std::uint64_t{0});
    }
};

TEST_F(BadCable, LosesWhatItsSeedChoosesAndTheSinkMissesJustThat) {
    const json stats = forward("loss=10%");
    const auto lost = dropped(stats, "link_loss_rx");
    EXPECT_GT(lost, kFrames / 20);
    EXPECT_LT(lost, kFrames / 5);
    EXPECT_EQ(figure(stats, 1, "gen_received") + lost, kFrames);
    EXPECT_EQ(dropped(forward("loss=10%"), "link_loss_rx"), lost);
    EXPECT_NE(dropped(forward("loss=10%", "8"), "link_loss_rx"), lost);
}

TEST_F(BadCable, ReorderingLosesNothing) {
    const json stats = forward("reorder=5%");
    EXPECT_EQ(figure(stats, 1, "gen_received"), kFrames);
    EXPECT_GT(figure(stats, 0, "link_reordered_rx"), 0U);
    EXPECT_GT(figure(stats, 1, "gen_reordered"), 0U);
    EXPECT_EQ(figure(stats, 1, "gen_lost"), 0U);
}

TEST_F(BadCable, DuplicatesAreToldFromOriginals) {
    const json stats = forward("dup=5%");
    const auto twice = figure(stats, 0, "link_duplicated_rx");
    EXPECT_GT(twice, 0U);
    EXPECT_EQ(figure(stats, 1, "gen_duplicates"), twice);
    EXPECT_EQ(figure(stats, 1, "gen_lost"), 0U);
}

TEST_F(BadCable, DelayIsTheLeastThatAFrameTakes) {
    EXPECT_GE(figure(forward("delay=5ms"), 1, "latency_ns_min"), 5'000'000U);
}

TEST_F(BadCable, ASlowOneHoldsItsSourceBackAndLosesNothingOfIt) {
    const json stats = forward("bps=20M");
    EXPECT_EQ(dropped(stats, "link_queue_full_rx"), 0U);
    EXPECT_EQ(figure(stats, 1, "gen_received"), kFrames);
}

TEST_F(BadCable, ASlowOneLosesWhatTheGuestSendsTooFast) {
    const json stats =
        run({.nics = {"port=null:bps=1M"},
             .guest = forwarder(Driver::kOurs, {"--forward-mode=txonly", "--count=20000"})});
    const auto full = dropped(stats, "link_queue_full_tx");
    EXPECT_GT(full, 0U);
    EXPECT_LT(full, 20'000U);
    EXPECT_EQ(stats["nics"][0]["channels"][0]["tx_packets"], 20'000);
}

TEST_F(BadCable, ARateLosesNothingOfWhatItCanHold) {
    constexpr unsigned kFits = 1500;
    const json stats =
        run({.nics = {"port=gen:rate=20000:count=" + std::to_string(kFits), "port=loop:rate=5000"},
             .guest = forwarder(Driver::kOurs, {"--duration=2"})});
    EXPECT_EQ(figure(stats, 0, "gen_received"), kFits);
    EXPECT_EQ(figure(stats, 0, "gen_reordered"), 0U);
    for (const char* full : {"link_queue_full_tx", "link_queue_full_rx"}) {
        EXPECT_EQ(stats["nics"][1]["drops"].value(full, std::uint64_t{0}), 0U) << full;
    }
}

TEST_F(BadCable, ARateLosesWhatItCannotHoldOfWhatTheGuestSends) {
    constexpr std::uint64_t kSent = 20'000;
    constexpr std::uint64_t kHeld = 2048;
    const json stats =
        run({.nics = {"port=null:rate=1"},
             .guest = forwarder(Driver::kOurs,
                                {"--forward-mode=txonly", "--count=" + std::to_string(kSent)})});
    const auto full = dropped(stats, "link_queue_full_tx");
    EXPECT_LE(full, kSent - kHeld);
    EXPECT_GT(full, (kSent - kHeld) / 2) << "of a frame a second next to nothing passes meanwhile";
    EXPECT_EQ(stats["nics"][0]["channels"][0]["tx_packets"], kSent);
}

/// The capture sees frames as the NIC does: after the cable, or before it.
TEST_F(BadCable, ACaptureLacksWhatTheCableLostOnTheWayInAndHasWhatItLosesOnTheWayOut) {
    const auto file = folder_.path("crossed.pcapng");
    const json stats = run({.nics = {"port=gen:rate=5000:count=300:loss=20%", "port=null:loss=50%"},
                            .guest = forwarder(Driver::kOurs, {"--duration=1"}),
                            .options = {"--pcap", file}});
    const auto lost = dropped(stats, "link_loss_rx");
    EXPECT_GT(lost, 0U);
    EXPECT_GT(stats["nics"][1]["drops"].value("link_loss_tx", std::uint64_t{0}), 0U);
    const auto times = times_in(file);
    EXPECT_EQ(times.size(), 300 - lost);
    for (const auto& [frame, count] : times) EXPECT_EQ(count, 2U);
}

TEST_F(HostOptions, ALanJoinsTheNicsOfOneGuestAndWhatIsPluggedInBesideThem) {
    const auto tapped = folder_.path("lan.pcap");
    const json stats =
        run({.nics = {"port=lan:a", "port=lan:a"},
             .guest = forwarder(Driver::kOurs, {"--forward-mode=txonly", "--count=100"}),
             .options = {"--lan", "name=a,port=pcap:out=" + tapped}});
    EXPECT_EQ(frames_of(tapped).size(), 100U) << "nobody answers: the lan floods";
    EXPECT_EQ(violations(stats), 0U);
}

TEST_F(HostOptions, ALanJoinsTheNicsOfTwoGuests) {
    const auto socket = folder_.path("control");
    const std::string id = "6a5e0001-0000-4000-8000-00000000000";
    Child host({host_program(), "serve", "--socket", socket, "--nic", "port=lan:a,id=" + id + "0",
                "--nic", "port=lan:a,id=" + id + "1"});
    ASSERT_TRUE(host.prints("serving at", 10s)) << host.output();
    const auto guest = [&](const std::string& nic, const std::vector<std::string>& options) {
        auto command = forwarder(Driver::kOurs, options);
        const auto prefix = std::find_if(command.begin(), command.end(), [](const auto& word) {
            return word.starts_with("--file-prefix=");
        });
        *prefix += "-" + nic;
        command.insert(prefix, {"-a", "vmbus:" + id + nic});
        command.insert(command.begin(), {host_program(), "attach", "--socket", socket, "--"});
        return command;
    };
    Child receiver(guest("1", {"--forward-mode=rxonly", "--count=500"}));
    ASSERT_TRUE(receiver.prints("port 0", 30s)) << receiver.output();
    Child sender(guest("0", {"--forward-mode=txonly", "--duration=20"}));
    EXPECT_EQ(receiver.wait(kPatience), 0) << receiver.output() << sender.output();
    sender.signal(SIGINT);
    EXPECT_EQ(sender.wait(kPatience), 0) << sender.output();
}

/// Kinds of port of the NIC that the guest sends to.
class CaptureOf : public HostOptions, public ::testing::WithParamInterface<const char*> {};

TEST_P(CaptureOf, HasEveryFrameThatCrossedBothNics) {
    const auto file = folder_.path("crossed.pcapng");
    run({.nics = {"port=gen:rate=5000:count=300", std::string("port=") + GetParam()},
         .guest = forwarder(Driver::kOurs, {"--duration=1"}),
         .options = {"--pcap", file}});
    const auto times = times_in(file);
    const std::string kind = GetParam();
    EXPECT_EQ(times.size(), kind.starts_with("gen") ? 301U : 300U) << "it sends one itself";
    const std::size_t expected = kind == "loop" ? 4 : 2;
    EXPECT_TRUE(std::all_of(times.begin(), times.end(),
                            [expected](const auto& frame) { return frame.second == expected; }));
}

INSTANTIATE_TEST_SUITE_P(EachKind, CaptureOf,
                         ::testing::Values("null", "loop", "gen:count=1:rate=1", "lan:a",
                                           "pcap:out=/dev/null", "null:delay=1ms"),
                         [](const auto& kind) {
                             std::string name = kind.param;
                             std::erase_if(name, [](char c) { return !std::isalnum(c); });
                             return name;
                         });

/// A network stack speaks unasked; what the generator sent is told from that by its tag.
TEST_F(HostOptions, ACaptureHasWhatCrossesToATapAsWell) {
    if (const auto why = TapNetwork::missing(); !why.empty()) GTEST_SKIP() << why;
    const TapNetwork network;
    const auto file = folder_.path("crossed.pcapng");
    const json stats = run({.nics = {"port=gen:rate=5000:count=300:vlan=77", network.port(0)},
                            .guest = forwarder(Driver::kOurs, {"--duration=1"}),
                            .options = {"--pcap", file}});
    auto times = times_in(file);
    std::erase_if(times, [](const auto& frame) {
        const FrameBytes tag{0x81, 0x00, 0x00, 77};
        return !std::equal(tag.begin(), tag.end(), frame.first.begin() + 12);
    });
    EXPECT_EQ(times.size(), 300U);
    for (const auto& [frame, count] : times) EXPECT_EQ(count, 2U);
    EXPECT_EQ(stats["nics"][1]["drops"].value("tap_refused", std::uint64_t{0}), 0U);
}

/// Clock ticks that a process has had so far.
std::uint64_t ticks_of(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    std::uint64_t user = 0;
    std::uint64_t system = 0;
    fields >> user >> system;
    return user + system;
}

/// What the host uses in a second beside a guest that has its NIC open and is silent.
std::uint64_t ticks_of_idle_host(const std::vector<std::string>& options) {
    Child host(HostRun{.nics = {"port=null"},
                       .guest = forwarder(Driver::kOurs, {"--duration=30"}),
                       .options = options}
                   .command());
    EXPECT_TRUE(host.prints("port 0", 30s)) << host.output();
    const std::uint64_t before = ticks_of(host.pid());
    std::this_thread::sleep_for(1s);
    return ticks_of(host.pid()) - before;
}

TEST(IdleHost, SleepsUnlessItIsToPoll) {
    const std::uint64_t polling = ticks_of_idle_host({"--poll"});
    EXPECT_LT(ticks_of_idle_host({}) * 4, polling);
}

}  // namespace
}  // namespace vmbus::test
