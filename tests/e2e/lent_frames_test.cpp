// Received frames as external buffers: they go through the stock testpmd byte for byte, also when
// pieces of the receive buffer run low, and one that the application still holds at close stays
// good.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/pcap_maker.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
constexpr unsigned kFrames = 5000;

/// Both NICs with frames lent.
HostRun lending(std::vector<std::string> nics, std::vector<std::string> guest,
                const std::string& more = "") {
    for (std::size_t nic = 0; nic < nics.size(); ++nic) {
        const auto id = "6a5e0001-0000-4000-8000-00000000000" + std::to_string(nic);
        nics[nic] += ",id=" + id;
        const auto devargs = id + ",rx_extmbuf_enable=1" + more;
        guest.insert(std::find(guest.begin(), guest.end(), "dpdk-testpmd") + 1,
                     {"-a", "vmbus:" + devargs});
    }
    return {.nics = std::move(nics), .guest = std::move(guest)};
}

class LentFrames : public ::testing::Test {
protected:
    void expect_through(const std::string& nic, const std::string& devargs) {
        const auto in = folder_.path("in.pcap");
        const auto out = folder_.path("out.pcap");
        make_pcap(in, kFrames, 1);
        auto run =
            lending({"port=pcap:in=" + in + nic, "port=pcap:out=" + out}, testpmd(), devargs);
        run.stats = folder_.path("stats.json");
        Child host(run.command());
        ASSERT_EQ(host.wait(60s), 0) << host.output();
        EXPECT_EQ(compare_pcaps(in, out), "") << host.output();
        EXPECT_EQ(violations(read_json(run.stats)), 0U);
    }
    TemporaryFolder folder_;
};

// row: rx_extmbuf_enable, rx_external_buffers
TEST_F(LentFrames, GoThroughByteIdentical) {
    expect_through("", "");
    expect_through("", ",rx_copybreak=0,tx_copybreak=0");
}

TEST_F(LentFrames, AreCopiedWhenPiecesRunLow) {
    expect_through(",recv=64K", ",rx_copybreak=0,tx_copybreak=0");
}

// defect: 4.4-15 mbufs that the application keeps over stop and close
TEST_F(LentFrames, MayBeHeldOverStopAndClose) {
    auto guest = testpmd({"-i", "--noisy-tx-sw-buffer-size=256", "--noisy-lkup-memory=1"});
    std::replace(guest.begin(), guest.end(), std::string("--forward-mode=io"),
                 std::string("--forward-mode=noisy"));
    guest.erase(std::find(guest.begin(), guest.end(), "--stats-period"),
                std::find(guest.begin(), guest.end(), "--stats-period") + 2);
    guest.insert(guest.begin(), {"stdbuf", "-oL"});
    const std::string gen = "port=gen:len=1000:rate=5000";
    Child host(lending({gen, gen}, guest).command());
    ASSERT_TRUE(host.prints("noisy packet forwarding", 20s)) << host.output();
    for (int i = 0; i < 100 && host.output().find("RX-packets: 1") == std::string::npos; ++i) {
        host.type("show port stats 0");
        host.prints("RX-packets: 1", 1s);
    }
    for (const char* line : {"stop", "port stop all", "port start all", "start", "stop",
                             "port stop all", "port close all", "quit"}) {
        host.type(line);
    }
    EXPECT_EQ(host.wait(30s), 0) << host.output();
    EXPECT_NE(host.output().find("moved out of the host's memory"), std::string::npos)
        << host.output();
}

}  // namespace
}  // namespace vmbus::test
