// The main job: frames of a pcap file go through the stock testpmd and our driver, and come out.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/hugepages.hpp"
#include "support/pcap_maker.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
constexpr unsigned kFrames = 10'000;
constexpr auto kPatience = 60s;

/// Two NICs on pcap files, A to D and C to B through whatever forwards between them.
class PcapThroughTestpmd : public ::testing::Test {
protected:
    PcapThroughTestpmd() {
        make_pcap(a(), kFrames, 1);
        make_pcap(c(), kFrames, 2);
    }

    std::string a() const { return folder_.path("a.pcap"); }
    std::string b() const { return folder_.path("b.pcap"); }
    std::string c() const { return folder_.path("c.pcap"); }
    std::string d() const { return folder_.path("d.pcap"); }

    HostRun run_of(const std::vector<std::string>& guest) const {
        return {
            .nics = {"port=pcap:in=" + a() + ":out=" + b(), "port=pcap:in=" + c() + ":out=" + d()},
            .guest = guest,
            .stats = folder_.path("stats.json")};
    }

    /// The allow list names both NICs, with these device arguments.
    HostRun with_devargs(const std::string& devargs) const {
        auto run = run_of(testpmd());
        const std::string id = "6a5e0001-0000-4000-8000-00000000000";
        for (std::size_t nic = 0; nic < run.nics.size(); ++nic) {
            const auto nic_id = id + std::to_string(nic);
            run.nics[nic] += ",id=" + nic_id;
            run.guest.insert(run.guest.begin() + 1, {"-a", "vmbus:" + nic_id + "," + devargs});
        }
        return run;
    }

    void expect_all_through(const std::vector<std::string>& guest) {
        const auto run = run_of(guest);
        Child host(run.command());
        ASSERT_EQ(host.wait(kPatience), 0) << host.output();
        EXPECT_EQ(compare_pcaps(a(), d()), "") << host.output();
        EXPECT_EQ(compare_pcaps(c(), b()), "");
        EXPECT_EQ(violations(read_json(run.stats)), 0U);
    }

    TemporaryFolder folder_;
};

// row: rx_pkt_burst, tx_pkt_burst
TEST_F(PcapThroughTestpmd, EveryFrameComesOutInOrderAndByteIdentical) {
    expect_all_through(testpmd());
}

TEST_F(PcapThroughTestpmd, TenTimesInARowWithoutAHang) {
    for (int i = 0; i < 10 && !HasFailure(); ++i) {
        expect_all_through(testpmd());
    }
}

TEST_F(PcapThroughTestpmd, WithHugepagesAndTwoLcores) {
    const Hugepages pages(256);
    if (!pages.reserved()) {
        GTEST_SKIP() << "no hugepages to be had here";
    }
    expect_all_through(testpmd({}, {"-l", "0,1", "-m", "400", "--in-memory"}));
}

// Without periodic statistics testpmd waits for a key, and ends at the end of its input.
TEST_F(PcapThroughTestpmd, WithNothingToRead) {
    auto run = run_of(testpmd());
    const auto period = std::find(run.guest.begin(), run.guest.end(), "--stats-period");
    run.guest.erase(period, period + 2);
    std::string line = "exec";
    for (const auto& word : run.command()) line += " '" + word + "'";
    Child host({"sh", "-c", line + " </dev/null"});
    ASSERT_EQ(host.wait(kPatience), 0) << host.output();
    EXPECT_EQ(compare_pcaps(a(), d()), "") << host.output();
}

// row: latency, tx_copybreak
TEST_F(PcapThroughTestpmd, WithEachDeviceArgument) {
    for (const char* devargs :
         {"tx_copybreak=0", "tx_copybreak=256", "tx_copybreak=6000", "ring_mode=single",
          "ring_mode=relaxed", "latency=100", "rx_interrupts=primary,frame_xstats=1"}) {
        const auto run = with_devargs(devargs);
        Child host(run.command());
        ASSERT_EQ(host.wait(kPatience), 0) << devargs << host.output();
        EXPECT_EQ(compare_pcaps(a(), d()), "") << devargs;
        EXPECT_EQ(compare_pcaps(c(), b()), "") << devargs;
    }
}

// row: unknown_argument
TEST_F(PcapThroughTestpmd, AWrongDeviceArgumentFailsTheProbeWithTheReason) {
    for (const char* devargs : {"tx_copybreak=-1", "ring_mode=fast", "colour=blue"}) {
        const auto run = with_devargs(devargs);
        Child host(run.command());
        ASSERT_NE(host.wait(kPatience).value_or(0), 0) << devargs << host.output();
        const std::string key(devargs, std::strchr(devargs, '='));
        EXPECT_NE(host.output().find(key), std::string::npos) << host.output();
    }
}

TEST_F(PcapThroughTestpmd, ThroughTheSmallForwarder) {
    expect_all_through(forwarder(Driver::kOurs));
}

// row: nvsp_versions
TEST_F(PcapThroughTestpmd, WithEveryNvspVersion) {
    for (const char* version : {"1", "2", "4", "5", "6", "6.1"}) {
        auto run = run_of(testpmd());
        for (auto& nic : run.nics) {
            nic += std::string(",nvsp=") + version;
        }
        Child host(run.command());
        ASSERT_EQ(host.wait(kPatience), 0) << version << host.output();
        EXPECT_EQ(compare_pcaps(a(), d()), "") << version;
        EXPECT_EQ(read_json(run.stats)["nics"][0]["nvsp"], version);
    }
}

TEST_F(PcapThroughTestpmd, WithoutMonitorPage) {
    auto run = run_of(testpmd());
    for (auto& nic : run.nics) {
        nic += ",monitor=off";
    }
    run.options = {"--kernel", "6.12"};  // older ones do not bind such a NIC
    Child host(run.command());
    ASSERT_EQ(host.wait(kPatience), 0) << host.output();
    EXPECT_EQ(compare_pcaps(a(), d()), "");
}

// row: imissed
// testpmd itself drops what its transmit refuses, so here the forwarder is one that waits.
TEST_F(PcapThroughTestpmd, WithSmallRingsBackPressureLosesNothing) {
    auto run = run_of(forwarder(Driver::kOurs));
    for (auto& nic : run.nics) {
        nic += ",ring=16K,recv=256K,send=128K";
    }
    Child host(run.command());
    ASSERT_EQ(host.wait(kPatience), 0) << host.output();
    EXPECT_EQ(compare_pcaps(a(), d()), "");
    EXPECT_EQ(compare_pcaps(c(), b()), "");
}

TEST_F(PcapThroughTestpmd, TrafficOfARealNetwork) {
    std::ifstream real(std::string(SOURCE_ROOT) + "/tests/data/real-traffic.pcap",
                       std::ios::binary);
    std::ofstream(a(), std::ios::binary) << real.rdbuf();
    expect_all_through(testpmd());
}

}  // namespace
}  // namespace vmbus::test
