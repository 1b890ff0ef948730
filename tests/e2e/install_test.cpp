// What `make install` leaves behind works from where it lies: the programs find each other, and
// DPDK finds the driver without being told.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Below the build folder: EAL refuses plugins below a world-writable one, such as /tmp.
const fs::path kRoot = fs::path(BUILD_ROOT) / "installed";

struct Install : testing::Test {
    static void SetUpTestSuite() {
        fs::remove_all(kRoot);
        Child meson({"env", "DESTDIR=" + kRoot.string(), "meson", "install", "--no-rebuild", "-C",
                     BUILD_ROOT});
        ASSERT_EQ(meson.wait(120s), 0) << meson.output();
    }
    static void TearDownTestSuite() { fs::remove_all(kRoot); }

    /// The one installed file of this name.
    static fs::path find(const std::string& name) {
        for (const auto& entry : fs::recursive_directory_iterator(kRoot)) {
            if (entry.path().filename() == name) {
                return entry.path();
            }
        }
        ADD_FAILURE() << name << " is not installed";
        return {};
    }
    /// The installed host, with the installed forwarder between two NICs for a second.
    static std::vector<std::string> forwarding(const std::string& stats,
                                               const std::vector<std::string>& plugin) {
        std::vector<std::string> command = {find("vmbus-host"),
                                            "run",
                                            "--strict",
                                            "--stats-json",
                                            stats,
                                            "--nic",
                                            "port=gen:rate=1000",
                                            "--nic",
                                            "port=null",
                                            "--",
                                            find("netvsc-fwd"),
                                            "--lcores",
                                            "0@0",
                                            "--no-huge",
                                            "-m",
                                            "512",
                                            "--no-pci",
                                            "--no-telemetry",
                                            "--file-prefix=install-" + std::to_string(::getpid())};
        command.insert(command.end(), plugin.begin(), plugin.end());
        command.insert(command.end(), {"--", "--duration", "2"});
        return command;
    }
    static void expect_forwarded(const std::string& stats) {
        const auto channel = read_json(stats)["nics"][1]["channels"][0];
        EXPECT_GT(channel.value("tx_packets", 0), 0);
    }
    TemporaryFolder folder;
};

TEST_F(Install, InstalledProgramsFindEachOther) {
    const std::string stats = folder.path("stats.json");
    Child host(forwarding(stats, {"-d", find("librte_net_netvsc_uio.so")}));
    EXPECT_EQ(host.wait(60s), 0) << host.output();
    expect_forwarded(stats);
}

TEST_F(Install, DpdkFindsTheInstalledDriverByItself) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "a private mount of DPDK's plugin folder takes root";
    }
    const fs::path ours = find("librte_net_netvsc_uio.so").parent_path();
    const fs::path theirs = fs::path("/") / ours.lexically_relative(kRoot);
    const fs::path both = kRoot / "both";
    fs::copy(theirs, both, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    fs::copy(ours, both, fs::copy_options::recursive);
    const std::string stats = folder.path("stats.json");
    std::vector<std::string> command = {
        "unshare",
        "--mount",
        "sh",
        "-c",
        "mount --bind " + both.string() + ' ' + theirs.string() + " && exec \"$@\"",
        "sh"};
    const auto host_command = forwarding(stats, {});
    command.insert(command.end(), host_command.begin(), host_command.end());
    Child host(command);
    EXPECT_EQ(host.wait(60s), 0) << host.output();
    EXPECT_NE(host.output().find("takes the place"), std::string::npos) << host.output();
    expect_forwarded(stats);
}

TEST_F(Install, EachProgramHasAManualPage) {
    for (const char* program :
         {"vmbus-host", "vmbus-dump", "netvsc-fwd", "netvsc-bench", "vmbus-devbind"}) {
        std::ifstream file(find(std::string(program) + ".1"));
        const std::string page{std::istreambuf_iterator<char>(file), {}};
        EXPECT_NE(page.find("\\-\\-help"), std::string::npos) << program;
    }
}

TEST_F(Install, EachCompletionIsBash) {
    std::size_t count = 0;
    for (const auto& completion : fs::directory_iterator(find("completions"))) {
        Child bash({"bash", "-n", completion.path()});
        EXPECT_EQ(bash.wait(10s), 0) << completion.path() << ": " << bash.output();
        ++count;
    }
    EXPECT_GE(count, 4U);
}

TEST_F(Install, BashOffersSubcommandsThenTheirOptionsThenTheGuestsOwn) {
    const auto offered = [](const std::string& words, const std::string& index) {
        Child bash({"bash", "-c",
                    ". " + (find("completions") / "vmbus-host.bash").string() + "; COMP_WORDS=(" +
                        words + "); COMP_CWORD=" + index +
                        "; _vmbus_host; printf '%s ' \"${COMPREPLY[@]}\""});
        EXPECT_EQ(bash.wait(10s), 0) << bash.output();
        return bash.output();
    };
    EXPECT_EQ(offered("vmbus-host ru", "1"), "run ");
    EXPECT_EQ(offered("vmbus-host run --stats-", "2"), "--stats-json --stats-period ");
    EXPECT_EQ(offered("vmbus-host run -- dpdk-testpmd --stats-", "4"), " ");
}

}  // namespace
}  // namespace vmbus::test
