// The distribution's own netvsc driver, unmodified, on our host: the same traffic, the same checks.
// It runs under netvsc-fwd, since this release of testpmd does not forward on it: that driver never
// sets its queue states.
#include <gtest/gtest.h>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/pcap_maker.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
constexpr unsigned kFrames = 10'000;

class DistributionDriver : public ::testing::TestWithParam<const char*> {};

TEST_P(DistributionDriver, ForwardsEveryFrameInOrderWithoutAViolation) {
    const TemporaryFolder folder;
    const auto in0 = folder.path("a.pcap");
    const auto in1 = folder.path("c.pcap");
    make_pcap(in0, kFrames, 1);
    make_pcap(in1, kFrames, 2);
    const std::string version = std::string(",nvsp=") + GetParam();
    const HostRun run{.nics = {"port=pcap:in=" + in0 + ":out=" + folder.path("b.pcap") + version,
                               "port=pcap:in=" + in1 + ":out=" + folder.path("d.pcap") + version},
                      .guest = forwarder(Driver::kDistribution),
                      .stats = folder.path("stats.json")};
    Child host(run.command());
    ASSERT_EQ(host.wait(60s), 0) << host.output();
    EXPECT_EQ(compare_pcaps(in0, folder.path("d.pcap")), "") << host.output();
    EXPECT_EQ(compare_pcaps(in1, folder.path("b.pcap")), "");
    const auto stats = read_json(run.stats);
    EXPECT_EQ(violations(stats), 0U);
    EXPECT_EQ(stats["nics"][0]["nvsp"], GetParam());
    // Tags travel as info, both ways, though the application sees them in line.
    EXPECT_GT(stats["nics"][0]["channels"][0]["tx_vlan_tags"], 0);
    EXPECT_GT(stats["nics"][0]["channels"][0]["rx_vlan_tags"], 0);
}

INSTANTIATE_TEST_SUITE_P(EachNvspVersion, DistributionDriver,
                         ::testing::Values("1", "2", "4", "5", "6", "6.1"));

}  // namespace
}  // namespace vmbus::test
