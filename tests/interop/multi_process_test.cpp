// DPDK's own examples of applications with several processes, compiled as they are, on our driver:
// a process for each queue of two NICs, and one that receives for others, which send.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <regex>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/hugepages.hpp"
#include "support/processes.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const fs::path kSources = fs::path(SOURCE_ROOT) / ".deps" / "dpdk-examples-" DPDK_VERSION;
const fs::path kPrograms = fs::path(BUILD_ROOT) / "dpdk-examples";
constexpr unsigned kLeast = 100;  // frames that are no accident

/// One of an example's programs, of these sources of it.
std::string compiled(const std::string& example, const std::string& program,
                     const std::string& sources) {
    fs::create_directories(kPrograms);
    Child compiler({"sh", "-c",
                    "cd " + (kSources / example).string() + " && cc -O1 -I. -o " +
                        (kPrograms / program).string() + " " + sources +
                        " $(pkg-config --cflags --libs libdpdk)"});
    EXPECT_EQ(compiler.wait(120s), 0) << compiler.output();
    return kPrograms / program;
}

class MultiProcess : public ::testing::Test {
protected:
    void SetUp() override {
        if (!fs::exists(kSources / "version")) {
            GTEST_SKIP() << "no sources of DPDK's examples: tools/setup check fetches them";
        }
        if (::geteuid() != 0 || !pages_.reserved()) {
            GTEST_SKIP() << "takes root, private mounts and hugepages";
        }
    }
    static void TearDownTestSuite() { fs::remove_all(kPrograms); }

    /// `program` as the primary process of two NICs that frames of many flows come from.
    void start(const std::string& program, const Words& options,
               const std::string& lcores = "0@0") {
        const std::string nic = "port=gen:len=128:flows=64:rate=2000,queues=2";
        Words guest = {"stdbuf", "-oL"};
        for (const auto& word : words(program, lcores, options)) guest.push_back(word);
        primary_.emplace(in_own_mounts(HostRun{
            .nics = {nic, nic},
            .guest = guest,
            .stats = folder_.path("stats.json"),
            .options = {"--socket",
                        socket()}}.command()));
    }
    Child& join(const std::string& program, const std::string& lcores, const Words& options) {
        auto secondary = words(program, lcores, options);
        secondary.insert(secondary.begin() + 1, "--proc-type=secondary");
        others_.push_back(std::make_unique<Child>(beside(primary_->pid(), socket(), secondary)));
        return *others_.back();
    }
    static Words words(const std::string& program, const std::string& lcores,
                       const Words& options) {
        Words all = {program,    "--lcores",       lcores, "-m",     "256",
                     "--no-pci", "--no-telemetry", "-d",   plugin(), "--"};
        all.insert(all.end(), options.begin(), options.end());
        return all;
    }
    std::string socket() const { return folder_.path("control"); }
    nlohmann::json stats() const { return read_json(folder_.path("stats.json")); }

    const Hugepages pages_{200};
    const TemporaryFolder folder_;
    std::optional<Child> primary_;
    std::vector<std::unique_ptr<Child>> others_;
};

/// "Port 1: RX - 12, TX - 13, Drop - 0", as it says at its end.
void expect_forwarded(const std::string& output) {
    const std::regex line("Port (\\d): RX - (\\d+), TX - (\\d+), Drop - (\\d+)");
    int ports = 0;
    for (std::sregex_iterator at(output.begin(), output.end(), line), end; at != end; ++at) {
        EXPECT_GT(std::stoul((*at)[2]), kLeast) << output;
        EXPECT_GT(std::stoul((*at)[3]), kLeast) << output;
        ++ports;
    }
    EXPECT_EQ(ports, 2) << output;
}

TEST_F(MultiProcess, SymmetricMpForwardsInBothItsProcesses) {
    const std::string program = compiled("symmetric_mp", "symmetric_mp", "main.c");
    start(program, {"-p", "3", "--num-procs=2", "--proc-id=0"});
    ASSERT_TRUE(primary_->prints("using queue 0 of each port", 60s)) << primary_->output();
    Child& other = join(program, "1@0", {"-p", "3", "--num-procs=2", "--proc-id=1"});
    ASSERT_TRUE(other.prints("using queue 1 of each port", 60s)) << other.output();
    ::sleep(2);
    other.signal(SIGINT);
    EXPECT_EQ(other.wait(30s), 0) << other.output();
    expect_forwarded(other.output());
    primary_->signal(SIGINT);
    EXPECT_TRUE(primary_->wait(30s)) << primary_->output();
    expect_forwarded(primary_->output());
    EXPECT_EQ(violations(stats()), 0U);
}

/// "Client  1 - rx: 12, rx_drop: 0", and in the next line "tx: 12, tx_drop: 0".
bool every_client_sends(const std::string& output) {
    const std::regex lines("Client +(\\d) - rx: +\\d+, rx_drop: +\\d+\\s+tx: +(\\d+),");
    std::array<unsigned long, 2> sent{};
    for (std::sregex_iterator at(output.begin(), output.end(), lines), end; at != end; ++at) {
        sent.at(std::stoul((*at)[1])) = std::stoul((*at)[2]);
    }
    return *std::min_element(sent.begin(), sent.end()) > kLeast;
}

TEST_F(MultiProcess, ClientsOfAServerSendWhatItReceived) {
    const std::string server = compiled("client_server_mp", "mp_server", "args.c init.c main.c");
    const std::string client = compiled("client_server_mp", "mp_client", "client.c");
    start(server, {"-p", "3", "-n", "2"}, "0@0,3@0");
    ASSERT_TRUE(primary_->prints("displaying statistics", 60s)) << primary_->output();
    for (const char* id : {"0", "1"}) {
        Child& one = join(client, id == std::string("0") ? "1@0" : "2@0", {"-n", id});
        ASSERT_TRUE(one.prints("handling packets", 60s)) << one.output();
    }
    for (int i = 0; i < 300 && !every_client_sends(primary_->output()); ++i) ::usleep(100'000);
    EXPECT_TRUE(every_client_sends(primary_->output())) << primary_->output();
    // They end by a signal, wherever they are.
    for (const auto& each : others_) each->signal(SIGINT);
    for (const auto& each : others_) EXPECT_EQ(each->wait(30s), 128 + SIGINT) << each->output();
    // At SIGINT it stops its ports in the signal handler, in the middle of its own burst at times.
    primary_->signal(SIGTERM);
    EXPECT_EQ(primary_->wait(30s), 128 + SIGTERM) << primary_->output();
    EXPECT_EQ(violations(stats()), 0U);
}

}  // namespace
}  // namespace vmbus::test
