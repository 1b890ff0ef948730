// netvsc-fwd as a script uses it: what each mode does to frames, statistics as JSON Lines, and runs
// that are expected to reach something.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/host_run.hpp"
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
    unsigned intervals = 0;
    std::uint64_t total = 0;
    std::istringstream lines(host.output());
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.front() != '{') {
            continue;  // EAL's
        }
        const json object = json::parse(line);
        ASSERT_EQ(object["ports"].size(), 2U);
        if (object.contains("total")) {
            total = object["total"]["tx_packets"];
        } else {
            ++intervals;
            EXPECT_GT(object["ports"][0]["rx_pps"], 0);
        }
    }
    EXPECT_GE(intervals, 2U);
    EXPECT_EQ(total, frames().size());
}

TEST_F(NetvscFwd, MissedExpectationHasAStatusOfItsOwn) {
    Child host(run(kGenerator, {"--duration", "1", "--expect-min-pps=1000000000"}).command());
    EXPECT_EQ(host.wait(60s), 4) << host.output();
    EXPECT_NE(host.output().find("expected 1000000000 packets/s"), std::string::npos);
}

}  // namespace
}  // namespace vmbus::test
