// netvsc-fwd as a script and as a person use it: what it does to frames, statistics as JSON Lines
// or as a table on a terminal, captures, and runs that end by themselves, by a signal, or with an
// expectation missed.
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/json_output.hpp"
#include "support/pcap_maker.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr char kGenerator[] = "port=gen:len=64:rate=1000";

struct NetvscFwd : testing::Test {
    HostRun run(const std::string& in, const std::vector<std::string>& options) const {
        return {.nics = {in, "port=pcap:out=" + out},
                .guest = forwarder(Driver::kOurs, options),
                .stats = folder.path("stats.json")};
    }
    /// Both addresses of the first frame that came out, destination first.
    std::string addresses() const {
        const Frames all = frames();
        return all.empty() ? "" : std::string(all.front().begin(), all.front().begin() + 12);
    }
    Frames frames() const {
        std::string why;
        Frames all = read_pcap(out, why);
        EXPECT_EQ(why, "");
        return all;
    }
    TemporaryFolder folder;
    std::string out = folder.path("out.pcap");
};

TEST_F(NetvscFwd, ModeDecidesOnAddresses) {
    Child as_they_are(run(kGenerator, {"--duration", "1"}).command());
    ASSERT_EQ(as_they_are.wait(60s), 0) << as_they_are.output();
    const std::string before = addresses();
    ASSERT_EQ(before.size(), 12U);

    Child swapped(run(kGenerator, {"--duration", "1", "--forward-mode=macswap"}).command());
    ASSERT_EQ(swapped.wait(60s), 0) << swapped.output();
    EXPECT_EQ(addresses(), before.substr(6) + before.substr(0, 6));

    Child peers(
        run(kGenerator, {"--duration", "1", "--forward-mode=mac", "--eth-peer=1,02:11:22:33:44:55"})
            .command());
    ASSERT_EQ(peers.wait(60s), 0) << peers.output();
    EXPECT_EQ(addresses().substr(0, 6), "\x02\x11\x22\x33\x44\x55");
    EXPECT_NE(addresses().substr(6), before.substr(6));
}

TEST_F(NetvscFwd, ReceiveOnlySendsNothing) {
    Child host(run(kGenerator, {"--duration", "1", "--forward-mode=rxonly", "--expect-min-pps=100",
                                "--expect-zero-loss"})
                   .command());
    EXPECT_EQ(host.wait(60s), 0) << host.output();
    EXPECT_TRUE(frames().empty());
}

TEST_F(NetvscFwd, JsonIsAnObjectForEachIntervalAndOneForTheEnd) {
    Child host(run(kGenerator, {"--duration", "3", "--stats-period", "1", "--json"}).command());
    ASSERT_EQ(host.wait(60s), 0) << host.output();
    auto intervals = json_lines(host.output());
    ASSERT_GE(intervals.size(), 3U);
    const json end = intervals.back();
    intervals.pop_back();
    for (const json& interval : intervals) {
        ASSERT_EQ(interval["ports"].size(), 2U);
        const json& port = interval["ports"][0];
        EXPECT_GT(port["rx_pps"], 0);
        EXPECT_EQ(port["path"], "synthetic");
        EXPECT_EQ(port["link_up"], true);
        EXPECT_GT(port["queues"][0]["rx_ring_size"], 0);
        EXPECT_GT(port["queues"][0]["rx_packets"], 0);
    }
    EXPECT_EQ(end["total"]["tx_packets"], frames().size());
}

TEST_F(NetvscFwd, MissedExpectationHasAStatusOfItsOwn) {
    Child host(run(kGenerator, {"--duration", "1", "--expect-min-pps=1000000000"}).command());
    EXPECT_EQ(host.wait(60s), 4) << host.output();
    EXPECT_NE(host.output().find("expected 1000000000 packets/s"), std::string::npos);
}

TEST_F(NetvscFwd, CountsToItsCountAndCapturesWhatItSends) {
    const std::string capture = folder.path("capture.pcap");
    Child host(
        run("port=gen:len=64-1514", {"--count=5000", "--pcap-out=" + capture, "--expect-zero-loss"})
            .command());
    ASSERT_EQ(host.wait(60s), 0) << host.output();
    EXPECT_EQ(frames().size(), 5000U);
    EXPECT_EQ(compare_pcaps(capture, out), "");
}

TEST_F(NetvscFwd, CapturesWhatItReceivesWhereNothingIsSent) {
    const std::string capture = folder.path("capture.pcap");
    Child host(run(kGenerator, {"--count=100", "--forward-mode=rxonly", "--pcap-out=" + capture})
                   .command());
    ASSERT_EQ(host.wait(60s), 0) << host.output();
    std::string why;
    EXPECT_EQ(read_pcap(capture, why).size(), 100U) << why;
}

TEST_F(NetvscFwd, FramesLongerThanABufferPassWhole) {
    HostRun jumbo = run("port=gen:len=8000+9014:rate=2000,mtu=9000",
                        {"--count=500", "--max-pkt-len=9018", "--expect-zero-loss"});
    jumbo.nics[1] += ",mtu=9000";
    Child host(jumbo.command());
    ASSERT_EQ(host.wait(60s), 0) << host.output();
    std::set<std::size_t> sizes;
    for (const FrameBytes& frame : frames()) sizes.insert(frame.size());
    EXPECT_EQ(frames().size(), 500U);
    EXPECT_EQ(sizes, (std::set<std::size_t>{8000, 9014}));
}

TEST_F(NetvscFwd, SeveralLcoresForwardSeveralQueues) {
    HostRun wide{
        .nics = {"port=gen:flows=64,queues=4", "port=gen:flows=64,queues=4"},
        .guest = forwarder(Driver::kOurs, {"--duration=1", "--rxq=4", "--txq=4", "--nb-cores=2",
                                           "--json", "--rss-ip", "--expect-zero-loss"}),
        .stats = folder.path("stats.json")};
    Child host(wide.command());
    ASSERT_EQ(host.wait(60s), 0) << host.output();
    const json sink = read_json(wide.stats)["nics"][0]["port"];
    EXPECT_EQ(sink["gen_reordered"], 0) << "a flow stays on its queue";
    for (const json& channel : read_json(wide.stats)["nics"][0]["channels"]) {
        EXPECT_GT(channel["rx_packets"], 0) << channel;
        EXPECT_GT(channel["tx_packets"], 0) << channel;
    }
}

/// SIGINT to netvsc-fwd itself, once it runs.
std::optional<int> interrupted(Child& host) {
    if (!host.prints("Rx-pps:", 30s)) return std::nullopt;
    for (const pid_t guest : children_named(host.pid(), "netvsc-fwd")) ::kill(guest, SIGINT);
    return host.wait(30s);
}

TEST_F(NetvscFwd, AnInterruptEndsItWithTotalsAndTheRightStatus) {
    Child met(run(kGenerator, {"--expect-zero-loss"}).command());
    EXPECT_EQ(interrupted(met), 0) << met.output();
    EXPECT_NE(met.output().find("Accumulated forward statistics"), std::string::npos);
    Child missed(run(kGenerator, {"--expect-min-pps=1000000000"}).command());
    EXPECT_EQ(interrupted(missed), 4) << missed.output();
}

TEST_F(NetvscFwd, OnATerminalATableIsRedrawnInPlaceAndTheCursorGivenBack) {
    std::string line = "TERM=xterm";
    for (const std::string& word : HostRun{.nics = {"port=gen:rate=5000", "port=gen:rate=5000"},
                                   .guest = forwarder(Driver::kOurs, {"--duration=3"})}
                                       .command()) {
        line += " '" + word + "'";
    }
    Child terminal({"script", "--quiet", "--return", "--command", line, "/dev/null"});
    ASSERT_EQ(terminal.wait(60s), 0) << terminal.output();
    const std::string text = terminal.output();
    const auto at = [&text](const std::string& what) { return text.find(what); };
    EXPECT_LT(at("\x1b[?25l"), at("rx pkt/s")) << text;
    EXPECT_NE(at("path: synthetic"), std::string::npos) << text;
    EXPECT_TRUE(std::regex_search(text, std::regex("\x1b\\[[0-9]+A"))) << "never goes back";
    EXPECT_LT(at("\x1b[?25h"), at("Accumulated forward statistics")) << text;
    EXPECT_EQ(at("Rx-pps:"), std::string::npos) << "one or the other";
}

TEST_F(NetvscFwd, PipedThereAreNoEscapeSequences) {
    Child host(run(kGenerator, {"--duration", "2"}).command());
    ASSERT_EQ(host.wait(60s), 0) << host.output();
    EXPECT_NE(host.output().find("Tx-pps:"), std::string::npos);
    EXPECT_EQ(host.output().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace vmbus::test
