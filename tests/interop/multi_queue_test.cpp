// The distribution's own driver with several queues on our host: sub-channels, receive-side
// scaling, and a completion for each packet where it belongs.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/child.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

/// Runs it for three seconds, with frames of 64 flows. Gives the statistics of the NIC.
nlohmann::json run_with_four_queues(const std::string& spec, int status, std::string& output) {
    const TemporaryFolder folder;
    const HostRun run{
        .nics = {"port=gen:len=128:flows=64:rate=3000," + spec},
        .guest = forwarder(Driver::kDistribution, {"--rxq", "4", "--txq", "4", "--duration", "3"}),
        .stats = folder.path("stats.json")};
    Child host(run.command());
    EXPECT_EQ(host.wait(60s), status) << host.output();
    output = host.output();
    return read_json(run.stats)["nics"][0];
}

std::uint64_t sum(const nlohmann::json& channels, const char* counter) {
    std::uint64_t all = 0;
    for (const auto& channel : channels) {
        all += channel[counter].get<std::uint64_t>();
    }
    return all;
}

TEST(MultiQueue, TheDistributionDriverHasTrafficOnFourQueuesWithoutAViolation) {
    std::string output;
    const auto nic = run_with_four_queues("nvsp=6.1", 0, output);
    EXPECT_TRUE(nic["violations"].empty()) << nic["violations"];
    const auto& channels = nic["channels"];
    ASSERT_EQ(channels.size(), 4U);
    for (const auto& channel : channels) {
        EXPECT_GT(channel["rx_packets"], 100U);
        EXPECT_GT(channel["tx_packets"], 100U);
    }
    // It drops what arrives while it waits for an answer of the host.
    EXPECT_GT(sum(channels, "tx_packets"), sum(channels, "rx_packets") / 2);
}

TEST(MultiQueue, OffersMayComeLate) {
    std::string output;
    const auto nic = run_with_four_queues("offer-delay=300", 0, output);
    EXPECT_EQ(nic["channels"].size(), 4U);
}

/// Its own doing: hosts before NVSP 6.1 send 32 bytes, and it wants 40.
TEST(MultiQueue, TheDistributionDriverOpensNoSubChannelBeforeNvsp61) {
    std::string output;
    const auto nic = run_with_four_queues("nvsp=5", 1, output);
    EXPECT_NE(output.find("invalid NVS resp len 32 (expect 40)"), std::string::npos);
    EXPECT_TRUE(nic["violations"].empty()) << nic["violations"];
}

}  // namespace
}  // namespace vmbus::test
