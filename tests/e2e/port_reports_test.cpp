// What the stock testpmd shows of our ports: version, capabilities, descriptor states, registers,
// counters; and what it may change while they run. Two runs for all of them: most of a run's time
// is testpmd's start.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "support/child.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
constexpr auto kPatience = 60s;

/// What testpmd prints on these commands, on two NICs without traffic.
std::string testpmd_says(const std::vector<std::string>& lines) {
    const TemporaryFolder folder;
    std::ofstream commands(folder.path("commands"));
    for (const auto& line : lines) commands << line << "\n";
    commands << "quit\n";
    commands.close();
    HostRun run{.nics = {"port=null", "port=null"},
                .guest = testpmd({"-i", "--cmdline-file=" + folder.path("commands")}),
                .stats = folder.path("stats.json")};
    // Both keep testpmd from asking for a command.
    std::erase(run.guest, "--auto-start");
    const auto period = std::find(run.guest.begin(), run.guest.end(), "--stats-period");
    run.guest.erase(period, period + 2);
    Child host(run.command());
    host.close_input();
    EXPECT_EQ(host.wait(kPatience), 0) << host.output();
    EXPECT_EQ(violations(read_json(run.stats)), 0U);
    return host.output();
}

class PortReports : public ::testing::Test {
protected:
    static void expect(const std::string& output, const std::string& text) {
        EXPECT_NE(output.find(text), std::string::npos) << text << " is not in\n" << output;
    }
};

// row: dev_infos_get
TEST_F(PortReports, AreWhatTheHostSaid) {
    const auto output =
        testpmd_says({"show port info 0", "show port 0 rx_offload capabilities",
                      "show port 0 tx_offload capabilities", "show port 0 rxq 0 desc 0 status",
                      "show port 0 txq 0 desc 0 status", "show port xstats 0", "dump_log_types",
                      "show rxq info 0 0", "show txq info 0 0"});
    expect(output, "Driver name: net_netvsc");
    expect(output, "Firmware-version: NVSP 6.1, NDIS 6.30");
    expect(output, "Max segment number per packet: 32");
    expect(output, "VLAN_STRIP IPV4_CKSUM UDP_CKSUM TCP_CKSUM");
    expect(output, "VLAN_INSERT IPV4_CKSUM UDP_CKSUM TCP_CKSUM");
    expect(output, "Desc status = AVAILABLE");
    expect(output, "Desc status = DONE");
    expect(output, "rx_q0_no_mbuf: 0");
    expect(output, "ring_q0_tx_used: 0");
    expect(output, "ring_q0_rx_size: 2093056");
    expect(output, "pmd.net.netvsc.driver");
    expect(output, "Burst mode: Scalar");
}

// row: promiscuous_enable, allmulticast_enable
TEST_F(PortReports, FiltersAndStrippingChangeWhileThePortRuns) {
    const auto output = testpmd_says({"mcast_addr add 0 01:00:5e:00:00:01", "set allmulti 0 on",
                                      "vlan set strip on 0", "show port info 0",
                                      "mac_addr set 0 02:00:00:00:00:09"});
    expect(output, "Allmulticast mode: enabled");
    expect(output, "strip on");
    expect(output, "Operation not supported");
}

}  // namespace
}  // namespace vmbus::test
