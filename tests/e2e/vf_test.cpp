// Accelerated networking: a stock tap port with the MAC address of our NIC stands for the virtual
// function; the host offers it and takes it away while testpmd forwards.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "support/child.hpp"
#include "support/comes_true.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

class VirtualFunctionStory : public ::testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0 || !std::filesystem::exists("/dev/net/tun")) {
            GTEST_SKIP() << "taps need root and /dev/net/tun";
        }
    }
    void start(const std::vector<std::string>& options = {}) {
        std::vector<std::string> all = {"-i"};
        all.insert(all.end(), options.begin(), options.end());
        auto guest = testpmd(
            all, {"--lcores", "0@0,1@0", "--no-huge", "-m", "512", "--vdev",
                  "net_tap0,iface=vf" + std::to_string(::getpid()) + ",mac=00:15:5d:00:00:01"});
        guest.insert(guest.begin(), {"stdbuf", "-oL"});
        const auto period = std::find(guest.begin(), guest.end(), "--stats-period");
        guest.erase(period, period + 2);
        const std::string nic = "port=gen:len=64:rate=2000,mac=00:15:5d:00:00:0";
        host_.emplace(HostRun{.nics = {nic + "1,vf=7", nic + "2"},
                              .guest = guest,
                              .stats = folder_.path("stats.json"),
                              .options = {"--socket", folder_.path("control")}}
                          .command());
    }
    bool sees(const std::string& text) { return host_->prints(text, 30s); }
    void inject(const std::string& what) {
        Child client({host_program(), "inject", "--socket", folder_.path("control"), what});
        EXPECT_EQ(client.wait(10s), 0) << client.output();
    }
    /// What testpmd says of an xstat now; nothing when it does not answer.
    std::optional<std::uint64_t> xstat(const std::string& name) {
        const std::size_t from = output().size();
        host_->type("show port xstats 0");
        std::optional<std::uint64_t> value;
        comes_true([&] {
            const std::string text = output();
            const std::size_t at = text.find(name + ": ", from);
            if (at != std::string::npos && text.find('\n', at) != std::string::npos) {
                value = std::stoull(text.substr(at + name.size() + 2));
            }
            return value || !host_->running();
        });
        return value;
    }
    bool becomes(const std::string& name, std::uint64_t value) {
        return comes_true([&] { return xstat(name) == value; });
    }
    /// Where the host thinks the frames go.
    std::string data_path() {
        Child client({host_program(), "status", "--json", "--socket", folder_.path("control")});
        EXPECT_EQ(client.wait(10s), 0) << client.output();
        return nlohmann::json::parse(client.output()).at("nics").at(0).value("data_path", "?");
    }
    void quit() {
        host_->type("quit");
        EXPECT_EQ(host_->wait(30s), 0) << host_->output();
        EXPECT_EQ(violations(read_json(folder_.path("stats.json"))), 0U);
    }
    std::string output() { return host_->output(); }
    /// These tests of tests/guest, with other ports beside the NIC: what they said if any failed.
    static std::string run_guest(const std::string& filter, const std::vector<std::string>& ports) {
        std::vector<std::string> guest = {
            sleeper_program(), "--lcores",       "0@0", "--no-huge", "-m", "256", "--no-pci",
            "--no-shconf",     "--no-telemetry", "-d",  plugin()};
        for (const std::string& port : ports) guest.insert(guest.end(), {"--vdev", port});
        guest.insert(guest.end(), {"--", "--gtest_filter=" + filter});
        Child host(
            HostRun{.nics = {"port=loop,queues=2,mac=00:15:5d:00:00:01,vf=7"}, .guest = guest}
                .command());
        return host.wait(60s) == 0 ? "" : host.output() + " ";
    }
    static std::string tap() {
        return "net_tap0,iface=vf" + std::to_string(::getpid()) + ",mac=00:15:5d:00:00:01";
    }

    TemporaryFolder folder_;
    std::optional<Child> host_;
};

// row: vf_counters, vf_association
TEST_F(VirtualFunctionStory, PathGoesToTheVfBackAndToItAgainWhileFramesFlow) {
    start();
    ASSERT_TRUE(sees("data path: VF, port 2")) << output();
    EXPECT_TRUE(comes_true([&] { return xstat("vf_tx_packets").value_or(0) > 0; }));
    inject("vf_remove");
    ASSERT_TRUE(becomes("vf_active", 0)) << output();
    EXPECT_GT(xstat("vf_tx_packets").value_or(0), 0U) << "what went there is not forgotten";
    inject("vf_add");
    EXPECT_TRUE(becomes("vf_switches_to_vf", 2)) << output();
    quit();
}

// row: vf_hidden
// defect: 4.4-12 close keeps the VF's owner
TEST_F(VirtualFunctionStory, ApplicationDoesNotSeeThePortOfTheVfUntilTheNicIsClosed) {
    start();
    ASSERT_TRUE(sees("data path: VF, port 2")) << output();
    host_->type("show port summary all");
    EXPECT_TRUE(sees("Number of available ports: 2")) << output();
    quit();
    EXPECT_NE(output().find("VF: port 2 is not ours any more"), std::string::npos) << output();
}

// row: vf_storm
TEST_F(VirtualFunctionStory, StormEndsOnTheVfAndStopAndStartFindItAgain) {
    start();
    ASSERT_TRUE(sees("data path: VF, port 2")) << output();
    for (int i = 0; i < 10; ++i) {
        inject("vf_remove");
        inject("vf_add");
    }
    ASSERT_TRUE(becomes("vf_active", 1)) << output();
    for (const char* line : {"stop", "port stop 0", "port start 0", "start"}) host_->type(line);
    EXPECT_TRUE(becomes("vf_active", 1)) << output();
    EXPECT_TRUE(becomes("vf_failures", 0)) << output();
    quit();
}

TEST_F(VirtualFunctionStory, ApplicationThatOnlySendsHearsThatTheVfGoes) {
    start({"--forward-mode=txonly"});
    ASSERT_TRUE(sees("data path: VF, port 2")) << output();
    inject("vf_remove");
    EXPECT_TRUE(sees("data path: synthetic")) << output();
    quit();
}

// row: mtu_vf
TEST_F(VirtualFunctionStory, VfHasTheMtuOfTheNic) {
    start();
    ASSERT_TRUE(sees("data path: VF, port 2")) << output();
    for (const char* line :
         {"stop", "port stop 0", "port config mtu 0 1400", "port start 0", "start"}) {
        host_->type(line);
    }
    EXPECT_TRUE(becomes("vf_active", 1)) << output();
    unsigned mtu = 0;
    std::ifstream("/sys/class/net/vf" + std::to_string(::getpid()) + "/mtu") >> mtu;
    EXPECT_EQ(mtu, 1400U);
    quit();
}

// row: vf_cascade
TEST_F(VirtualFunctionStory, LinkThatTheApplicationTakesDownIsDownForTheVfToo) {
    start();
    ASSERT_TRUE(sees("data path: VF, port 2")) << output();
    host_->type("set link-down port 0");
    EXPECT_TRUE(becomes("vf_active", 0)) << output();
    host_->type("set link-up port 0");
    EXPECT_TRUE(becomes("vf_active", 1)) << output();
    quit();
}

// row: vf_cascade
TEST_F(VirtualFunctionStory, SpreadThatChangesWhileTheVfCarriesTheDataIsTheVfsToo) {
    EXPECT_EQ(run_guest("SpreadOfAVf.*", {"net_null0,no-rx=1"}), "");
}

TEST_F(VirtualFunctionStory, LcoreThatSleepsIsWokenWhenThePathGoesToTheVf) {
    EXPECT_EQ(run_guest("AsleepBesideAVf.*", {tap()}), "");
}

TEST_F(VirtualFunctionStory, VfThatIsUnpluggedTogetherWithAnotherPortIsGivenUp) {
    EXPECT_EQ(run_guest("VfUnpluggedWithAnother.*", {tap(), "net_null0"}), "");
}

// row: vf_capabilities
TEST_F(VirtualFunctionStory, VfThatLacksAnOffloadInUseIsNotUsed) {
    start({"--tx-offloads=0x1"});  // VLAN insertion, which a tap port has not
    ASSERT_TRUE(sees("it lacks an offload that is in use")) << output();
    EXPECT_TRUE(becomes("vf_failures", 1)) << output();
    EXPECT_TRUE(becomes("vf_active", 0)) << output();
    quit();
}

TEST_F(VirtualFunctionStory, VfThatCannotStripATagIsLeftWhenTheApplicationWantsThat) {
    start();
    ASSERT_TRUE(sees("data path: VF, port 2")) << output();
    host_->type("vlan set strip on 0");
    EXPECT_TRUE(sees("it lacks an offload that is in use")) << output();
    EXPECT_TRUE(becomes("vf_active", 0)) << output();
    host_->type("vlan set strip off 0");
    EXPECT_TRUE(becomes("vf_active", 1)) << output();
    quit();
}

TEST_F(VirtualFunctionStory, HostThatSwitchesWithoutSayingSoIsToldToGoBack) {
    start({"--forward-mode=rxonly"});  // nothing that the host would complete
    ASSERT_TRUE(sees("data path: VF, port 2")) << output();
    inject("vf_remove");
    ASSERT_TRUE(becomes("vf_active", 0)) << output();
    inject("lost_completion");
    inject("vf_add");
    ASSERT_TRUE(sees("the host does not switch")) << output();
    EXPECT_EQ(data_path(), "synthetic") << "where the frames of this side go";
    quit();
}

}  // namespace
}  // namespace vmbus::test
