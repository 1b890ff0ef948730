// The distribution's Open vSwitch with our driver: a bridge with two of our NICs, a Linux network
// stack behind each. The switch and its database live in a folder of the test.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "support/hugepages.hpp"
#include "support/tap_network.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

constexpr const char* kSwitch = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk";
constexpr const char* kSchema = "/usr/share/openvswitch/vswitch.ovsschema";
/// Open vSwitch adds --in-memory by itself, so that it needs some: 512 MiB and what EAL wants.
constexpr unsigned kHugepages = 640;

class OpenVswitch {
public:
    OpenVswitch() {
        Child tool(in_folder({"ovsdb-tool", "create", folder_.path("conf.db"), kSchema}));
        EXPECT_EQ(tool.wait(20s), 0) << tool.output();
        database_.emplace(in_folder({"ovsdb-server", folder_.path("conf.db"),
                                     "--remote=punix:" + folder_.path("db.sock"),
                                     "--unixctl=" + folder_.path("db.ctl")}));
        for (int i = 0; i < 100 && !std::filesystem::exists(folder_.path("db.sock")); ++i) {
            ::usleep(100'000);
        }
        configure({"--no-wait", "init"});
        configure({"--no-wait", "set", "Open_vSwitch", ".", "other_config:dpdk-init=true",
                   "other_config:dpdk-extra=-m 512 --no-pci -d " + plugin(),
                   "other_config:pmd-cpu-mask=1"});
    }

    /// The switch itself, a guest of vmbus-host.
    Words command() const {
        return in_folder({kSwitch, database(), "--unixctl=" + folder_.path("switch.ctl"),
                          "--pidfile=" + folder_.path("switch.pid")});
    }
    void configure(const Words& what) const {
        Words all = {"ovs-vsctl", "--db=" + database(), "--timeout=60"};
        all.insert(all.end(), what.begin(), what.end());
        Child tool(in_folder(all));
        EXPECT_EQ(tool.wait(70s), 0) << tool.output();
    }
    void add_port(const std::string& name, const std::string& mac) const {
        configure({"add-port", "br0", name, "--", "set", "Interface", name, "type=dpdk",
                   "options:dpdk-devargs=\"class=eth,mac=" + mac + "\""});
    }
    std::string ask(const Words& what) const {
        Words all = {"ovs-appctl", "-t", folder_.path("switch.ctl")};
        all.insert(all.end(), what.begin(), what.end());
        Child tool(in_folder(all));
        EXPECT_EQ(tool.wait(20s), 0) << tool.output();
        return tool.output();
    }

private:
    std::string database() const { return "unix:" + folder_.path("db.sock"); }
    Words in_folder(const Words& command) const {
        Words all = {"env", "OVS_RUNDIR=" + folder_.path(""), "OVS_LOGDIR=" + folder_.path("")};
        all.insert(all.end(), command.begin(), command.end());
        return all;
    }

    TemporaryFolder folder_;
    std::optional<Child> database_;
};

/// Whether the switch knows an address behind the port of that number.
bool learned_on(const std::string& table, const std::string& port) {
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string first;
        if (words >> first && first == port) {
            return true;
        }
    }
    return false;
}

TEST(OpenVswitchBridge, ForwardsAndLearnsBetweenTwoOfOurNics) {
    if (const auto why = TapNetwork::missing(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    if (!std::filesystem::exists(kSwitch)) {
        GTEST_SKIP() << "openvswitch-switch-dpdk is not installed";
    }
    const Hugepages hugepages(kHugepages);
    if (!hugepages.reserved()) {
        GTEST_SKIP() << "the kernel has no " << kHugepages << " hugepages to spare";
    }
    TapNetwork network;
    const OpenVswitch ovs;
    TemporaryFolder folder;
    const HostRun run{.nics = {network.port(0) + ",mac=00:15:5d:00:00:01",
                               network.port(1) + ",mac=00:15:5d:00:00:02"},
                      .guest = ovs.command(),
                      .stats = folder.path("stats.json")};
    Child host(run.command());
    ovs.configure({"add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev"});
    ovs.add_port("n0", "00:15:5d:00:00:01");
    ovs.add_port("n1", "00:15:5d:00:00:02");
    ASSERT_EQ(network.configure(), "") << host.output();
    EXPECT_EQ(network.ping(), "") << host.output();
    const std::string table = ovs.ask({"fdb/show", "br0"});
    EXPECT_TRUE(learned_on(table, "1")) << table;
    EXPECT_TRUE(learned_on(table, "2")) << table;
    ovs.ask({"exit"});
    EXPECT_EQ(host.wait(30s), 0) << host.output();
    EXPECT_EQ(violations(read_json(run.stats)), 0U);
}

}  // namespace
}  // namespace vmbus::test
