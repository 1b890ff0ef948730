// The tools of DPDK that attach to a running application: proc-info, dumpcap, pdump. They come as
// secondary processes of a stock testpmd, each attached to the same host, with the driver where
// DPDK looks for it, before and after the primary has mapped its device anew.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <regex>

#include "support/child.hpp"
#include "support/comes_true.hpp"
#include "support/host_run.hpp"
#include "support/hugepages.hpp"
#include "support/pcap_maker.hpp"
#include "support/processes.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// What testpmd says once its ports are started; it names the mode before.
const std::string kForwards = "io packet forwarding - ports";

/// Below the build folder: EAL refuses plugins below a world-writable one, such as /tmp.
const fs::path kPlugins = fs::path(BUILD_ROOT) / "pmds-with-ours";

class Secondary : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        fs::remove_all(kPlugins);
        fs::copy(DPDK_PLUGINS, kPlugins,
                 fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        for (const char* name : {"librte_net_netvsc_uio.so", "librte_bus_vmbus_uio.so"}) {
            fs::copy(fs::path(BUILD_ROOT) / "drivers" / name, kPlugins);
        }
    }
    static void TearDownTestSuite() { fs::remove_all(kPlugins); }

    void SetUp() override {
        if (::geteuid() != 0 || !pages_.reserved()) {
            GTEST_SKIP() << "takes root, private mounts and hugepages";
        }
    }

    /// testpmd between two NICs, in a world of mounts of its own: DPDK's folder of plugins, its run
    /// time folder, hugepages.
    void start(const std::string& ports = "port=gen:len=64:rate=2000") {
        auto guest = testpmd({"-i"}, {"--lcores", "0@0,1@0", "-m", "256", "--file-prefix", "rte"});
        guest.erase(std::remove_if(
                        guest.begin(), guest.end(),
                        [](const std::string& word) { return word.starts_with("--file-prefix="); }),
                    guest.end());
        const auto period = std::find(guest.begin(), guest.end(), "--stats-period");
        guest.erase(period, period + 2);
        const auto plugin = std::find(guest.begin(), guest.end(), "-d");
        guest.erase(plugin, plugin + 2);
        guest.insert(guest.begin(), {"stdbuf", "-oL"});
        const HostRun host{.nics = {ports, ports},
                           .guest = guest,
                           .stats = folder_.path("stats.json"),
                           .options = {"--socket", socket(), "--pcap", crossed()}};
        primary_.emplace(
            in_own_mounts(host.command(), "mount --bind " + kPlugins.string() + " " DPDK_PLUGINS));
        ASSERT_TRUE(primary_->prints(kForwards, 30s)) << primary_->output();
    }
    std::string socket() const { return folder_.path("control"); }
    /// What the host saw cross its NICs.
    std::string crossed() const { return folder_.path("crossed.pcapng"); }

    /// A tool as another guest process of the same host, in the same mounts.
    std::vector<std::string> tool(const std::vector<std::string>& words) const {
        return beside(primary_->pid(), socket(), words);
    }
    /// A tool that makes mbufs for the primary process to fill. Both must number the drivers of
    /// memory pools alike, which stock programs do not: testpmd is linked with one that comes
    /// first.
    std::vector<std::string> capturing(const std::string& line) const {
        return tool(
            {"sh", "-c",
             "LD_PRELOAD=\"$LD_PRELOAD:" DPDK_PLUGINS "/librte_mempool_dpaa.so.23\" exec " + line});
    }
    static std::string run(const std::vector<std::string>& command) {
        Child child(command);
        EXPECT_EQ(child.wait(30s), 0) << child.output();
        return child.output();
    }
    std::string proc_info(const std::string& what) const {
        return run(tool({"dpdk-proc-info", "--no-pci", "--", what}));
    }
    void type(const std::string& line) { primary_->type(line); }
    /// Another session, on the same device mapped anew.
    void change(const std::string& what) {
        const int before = starts();
        for (const std::string& line : {std::string("stop"), std::string("port stop all"), what,
                                        std::string("port start all"), std::string("start")}) {
            type(line);
        }
        // testpmd says it again for each start.
        ASSERT_TRUE(comes_true([&] { return starts() > before; }, 15s)) << primary_->output();
        ASSERT_EQ(starts(), before + 1) << primary_->output();
    }
    void change_mtu(unsigned mtu) { change("port config mtu 0 " + std::to_string(mtu)); }
    int starts() const {
        const std::string text = primary_->output();
        int count = 0;
        for (std::size_t at = 0; (at = text.find(kForwards, at)) != std::string::npos; ++at) {
            ++count;
        }
        return count;
    }
    void quit() {
        type("quit");
        EXPECT_EQ(primary_->wait(30s), 0) << primary_->output();
        EXPECT_EQ(violations(read_json(folder_.path("stats.json"))), 0U);
        expect_captured_as_crossed();
    }
    /// At least `least` frames are in it; quit() looks whether the host saw them.
    void expect_frames(const std::string& file, std::size_t least) {
        std::string why;
        const Frames frames = read_pcap(file, why);
        EXPECT_EQ(why, "");
        EXPECT_GE(frames.size(), least);
        captured_.insert(captured_.end(), frames.begin(), frames.end());
    }
    void expect_captured_as_crossed() const {
        std::string why;
        Frames frames = read_pcap(crossed(), why);
        EXPECT_EQ(why, "");
        std::sort(frames.begin(), frames.end());
        for (const auto& frame : captured_) {
            ASSERT_TRUE(std::binary_search(frames.begin(), frames.end(), frame))
                << "the host never saw a frame of " << frame.size() << " bytes that was captured";
        }
    }
    static std::uintmax_t size_of(const std::string& file) {
        std::error_code none;
        const auto size = fs::file_size(file, none);
        return none ? 0 : size;
    }
    static std::uint64_t figure(const std::string& text, const std::string& name) {
        std::smatch match;
        return std::regex_search(text, match, std::regex(name + "\\s*:?\\s+(\\d+)"))
                   ? std::stoull(match[1])
                   : 0;
    }

    const Hugepages pages_{160};
    const TemporaryFolder folder_;
    std::optional<Child> primary_;
    Frames captured_;
};

// row: secondary_remap
// defect: 4.4-14 the primary maps its device anew under a secondary process
TEST_F(Secondary, ProcInfoReadsStatisticsThatGrowBeforeAndAfterANewMtu) {
    start();
    for (int round = 0; round < 2; ++round) {
        const std::string first = proc_info("--xstats");
        EXPECT_GT(figure(first, "rx_good_packets"), 0U) << first;
        EXPECT_NE(first.find("ring_q0_signals"), std::string::npos) << first;
        EXPECT_GT(figure(proc_info("--xstats"), "rx_good_packets"),
                  figure(first, "rx_good_packets"));
        const std::string stats = proc_info("--stats");
        EXPECT_GT(figure(stats, "RX-packets"), 0U) << stats;
        if (round == 0) change_mtu(1400);
    }
    quit();
}

TEST_F(Secondary, ProcInfoReadsTheStatisticsOfQueuesThatCameAndWent) {
    start();
    change("port config all rxq 3\nport config all txq 3");
    const std::string three = proc_info("--xstats");
    EXPECT_NE(three.find("rx_q2_packets"), std::string::npos) << three;
    EXPECT_NE(three.find("ring_q2_signals"), std::string::npos) << three;
    EXPECT_GT(figure(proc_info("--xstats"), "rx_good_packets"), figure(three, "rx_good_packets"));
    change("port config all rxq 1\nport config all txq 1");
    const std::string one = proc_info("--xstats");
    EXPECT_EQ(one.find("q2"), std::string::npos) << one;
    EXPECT_GT(figure(one, "rx_good_packets"), 0U) << one;
    quit();
}

// row: secondary_attach
TEST_F(Secondary, ProcInfoShowsThePortItsSessionAndItsRegisters) {
    start();
    const std::string port = proc_info("--show-port");
    EXPECT_NE(port.find("net_netvsc"), std::string::npos) << port;
    EXPECT_NE(port.find("00:15:5D"), std::string::npos) << port;
    const std::string session = proc_info("--show-port-private");
    EXPECT_NE(session.find("NVSP 6.1"), std::string::npos) << session;
    EXPECT_NE(session.find("started"), std::string::npos) << session;
    change_mtu(1400);
    const std::string after = proc_info("--show-port-private");
    EXPECT_NE(after.find("MTU 1400"), std::string::npos) << after;
    const std::string registers = folder_.path("registers");
    proc_info("--dump-regs=" + registers);
    EXPECT_EQ(fs::file_size(registers + "-port0"), 34U * 4) << "the words of two ring pages";
    quit();
}

TEST_F(Secondary, DumpcapWritesTheFramesThatTheHostSent) {
    start();
    for (int round = 0; round < 2; ++round) {
        const std::string file = folder_.path("capture.pcapng");
        run(capturing("dpdk-dumpcap -i 0 -c 100 -w " + file));
        expect_frames(file, 100);
        fs::remove(file);
        if (round == 0) change_mtu(1400);
    }
    quit();
}

TEST_F(Secondary, CaptureThatCannotWorkIsTold) {
    start();
    Child pdump(tool({"dpdk-pdump", "--no-pci", "--", "--pdump",
                      "port=0,queue=*,rx-dev=" + folder_.path("pdump.pcap")}));
    ASSERT_TRUE(pdump.prints("capture for (1) tuples", 30s)) << pdump.output();
    EXPECT_NE(pdump.output().find("numbers the drivers of memory pools in another way"),
              std::string::npos)
        << pdump.output();
    pdump.signal(SIGINT);
    EXPECT_EQ(pdump.wait(30s), 0) << pdump.output();
    quit();
}

TEST_F(Secondary, PdumpWritesThemToo) {
    start();
    const std::string file = folder_.path("pdump.pcap");
    constexpr std::uintmax_t kSome = 8192;  // what stdio has passed on
    Child pdump(capturing("dpdk-pdump --no-pci -- --pdump 'port=0,queue=*,rx-dev=" + file + "'"));
    ASSERT_TRUE(pdump.prints("capture for (1) tuples", 30s)) << pdump.output();
    EXPECT_TRUE(comes_true([&] { return size_of(file) >= kSome || !pdump.running(); }));
    pdump.signal(SIGINT);
    EXPECT_EQ(pdump.wait(30s), 0) << pdump.output();
    expect_frames(file, 1);
    quit();
}

}  // namespace
}  // namespace vmbus::test
