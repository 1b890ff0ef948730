// An application of several processes (tests/guest/sharer.cpp) on one NIC of two or more queues:
// all of them send and receive, whatever the primary process does to the port meanwhile, and when
// one of them dies. Frames come back to the process whose queue their flow is hashed to.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <regex>
#include <thread>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/hugepages.hpp"
#include "support/processes.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t rounds = 0;
};

/// One process, told by lines what to do.
class Sharer {
public:
    explicit Sharer(const std::vector<std::string>& command) : child_(command) {
        EXPECT_TRUE(child_.prints("running", 60s)) << child_.output();
    }

    /// Its answer to a line: what it printed since, up to and with `end`.
    std::string ask(const std::string& line, const std::string& end) {
        const std::size_t before = child_.output().size();
        child_.type(line);
        for (int i = 0; i < 600; ++i) {
            const std::string text = child_.output().substr(before);
            if (const std::size_t at = text.find(end);
                at != std::string::npos && text.find('\n', at) != std::string::npos) {
                return text;
            }
            std::this_thread::sleep_for(50ms);
        }
        ADD_FAILURE() << "no answer to '" << line << "': " << child_.output();
        return {};
    }
    bool does(const std::string& line) {
        const std::string what = line.substr(0, line.find(' '));
        return ask(line, what + " ").find(what + " done") != std::string::npos;
    }
    Counts counts() {
        const std::string text = ask("counts", "rounds");
        std::smatch match;
        if (!std::regex_search(text, match,
                               std::regex("sent (\\d+) received (\\d+) rounds (\\d+)"))) {
            return {};
        }
        return {std::stoull(match[1]), std::stoull(match[2]), std::stoull(match[3])};
    }
    void rest() { ask("rest 1", "resting"); }
    void type(const std::string& line) { child_.type(line); }
    std::optional<int> quit() {
        child_.type("quit");
        return child_.wait(60s);
    }
    Child& child() { return child_; }

private:
    Child child_;
};

class Processes : public ::testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0 || !pages_.reserved()) {
            GTEST_SKIP() << "takes root, private mounts and hugepages";
        }
    }

    /// `device`: what the driver is told. Kernels before 6.18 refuse a NIC without a monitor bit.
    void start(const std::string& device = "", const std::string& nic = "port=loop") {
        const HostRun host{.nics = {nic + ",queues=4,id=" + kId},
                           .guest = words(0, {"4"}, device),
                           .stats = folder_.path("stats.json"),
                           .options = {"--socket", socket(), "--kernel", "6.18"}};
        primary_.emplace(in_own_mounts(host.command()));
    }
    /// The process of a queue besides the first.
    Sharer& join(std::uint16_t queue = 1) {
        auto options = words(queue, {}, "");
        options.insert(options.begin() + 1, "--proc-type=secondary");
        others_.push_back(
            std::make_unique<Sharer>(beside(primary_->child().pid(), socket(), options)));
        return *others_.back();
    }
    std::vector<std::string> words(std::uint16_t queue, const std::vector<std::string>& more,
                                   const std::string& device) const {
        const std::string number = std::to_string(queue);
        std::vector<std::string> all = {
            sharer_program(), "--lcores",       number + "@0", "-m",    "128",
            "--no-pci",       "--no-telemetry", "-d",          plugin()};
        if (!device.empty()) {
            all.insert(all.end(), {"-a", "vmbus:" + std::string(kId) + "," + device});
        }
        all.insert(all.end(), {"--", number});
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    std::string socket() const { return folder_.path("control"); }

    /// Until a process sends and receives, from now on.
    static ::testing::AssertionResult works(Sharer& process) {
        const Counts first = process.counts();
        Counts now = first;
        for (int i = 0; i < 200; ++i) {
            now = process.counts();
            if (now.sent > first.sent + 100 && now.received > first.received + 100) {
                return ::testing::AssertionSuccess();
            }
            std::this_thread::sleep_for(20ms);
        }
        return ::testing::AssertionFailure() << "sent " << now.sent - first.sent << ", received "
                                             << now.received - first.received << "\n"
                                             << process.child().output();
    }
    /// Until a process sends and receives nothing, though it tries to.
    static ::testing::AssertionResult idles(Sharer& process) {
        const Counts first = process.counts();
        Counts now = first;
        for (int i = 0; i < 200 && now.rounds < first.rounds + 1000; ++i) {
            now = process.counts();
        }
        return now.sent == first.sent && now.received == first.received &&
                       now.rounds >= first.rounds + 1000
                   ? ::testing::AssertionSuccess()
                   : ::testing::AssertionFailure() << process.child().output();
    }
    /// Nobody sends any more, and what is on its way has arrived.
    Counts settled() {
        for (Sharer* process : all()) process->rest();
        Counts sum;
        Counts before{.sent = 1};
        for (int i = 0; i < 100 && (sum.received != before.received || i < 4); ++i) {
            before = sum;
            std::this_thread::sleep_for(50ms);
            sum = {};
            for (Sharer* process : all()) {
                const Counts counts = process->counts();
                sum.sent += counts.sent;
                sum.received += counts.received;
            }
        }
        return sum;
    }
    std::vector<Sharer*> all() {
        std::vector<Sharer*> processes = {&*primary_};
        for (const auto& other : others_) processes.push_back(other.get());
        return processes;
    }
    nlohmann::json quit() {
        for (const auto& other : others_) {
            if (other->child().running()) {
                EXPECT_EQ(other->quit(), 0) << other->child().output();
            }
        }
        EXPECT_EQ(primary_->quit(), 0) << primary_->child().output();
        return read_json(folder_.path("stats.json"));
    }
    void inject(const std::string& fault) {
        Child inject({host_program(), "inject", "--socket", socket(), fault});
        EXPECT_EQ(inject.wait(10s), 0) << inject.output();
    }
    /// Everything that the host counts of its only NIC under this name, on any channel.
    static std::uint64_t host_sum(const nlohmann::json& nic, const std::string& name) {
        std::uint64_t sum = 0;
        for (const auto& channel : nic.at("channels")) {
            sum += channel.at(name).get<std::uint64_t>();
        }
        return sum;
    }

    static constexpr const char* kId = "11111111-2222-3333-4444-555555555555";
    const Hugepages pages_{96};
    const TemporaryFolder folder_;
    std::optional<Sharer> primary_;
    std::vector<std::unique_ptr<Sharer>> others_;
};

TEST_F(Processes, EachSendsAndReceivesOnItsQueueAndNothingIsLost) {
    start();
    for (std::uint16_t queue = 1; queue < 4; ++queue) EXPECT_TRUE(works(join(queue)));
    EXPECT_TRUE(works(*primary_));
    const Counts sum = settled();
    const auto nic = quit().at("nics").at(0);
    EXPECT_EQ(host_sum(nic, "tx_packets"), sum.sent) << nic;
    EXPECT_EQ(host_sum(nic, "rx_packets"), sum.received) << nic;
    EXPECT_EQ(violations({{"nics", {nic}}}), 0U) << nic;
}

TEST_F(Processes, StoppedPortGivesTheOthersNothingUntilItStartsAgain) {
    start();
    Sharer& other = join();
    EXPECT_TRUE(works(other));
    EXPECT_TRUE(primary_->does("stop"));
    EXPECT_TRUE(idles(other));
    EXPECT_TRUE(primary_->does("start"));
    EXPECT_TRUE(works(other));
    EXPECT_TRUE(works(*primary_));
    EXPECT_EQ(violations(quit()), 0U);
}

// defect: 4.4-14 a new MTU or number of queues moves the mappings under a running secondary, or
// finds the channel still open because that one holds it
TEST_F(Processes, NewMtuAndQueueCountsReachTheOthersWhileTheyBurst) {
    start();
    Sharer& other = join();
    for (const char* change : {"mtu 1400", "queues 2", "mtu 1300", "queues 4"}) {
        EXPECT_TRUE(works(other)) << change;
        EXPECT_TRUE(primary_->does(change)) << primary_->child().output();
        EXPECT_TRUE(works(other)) << change;
        EXPECT_TRUE(works(*primary_)) << change;
    }
    const auto stats = quit();
    EXPECT_EQ(violations(stats), 0U);
    EXPECT_EQ(stats.at("nics").at(0).at("channels").at(0).at("opens"), 5) << stats;
}

TEST_F(Processes, QueueOfAnotherStopsAndStartsUnderItsBursts) {
    start();
    Sharer& other = join();
    for (int round = 0; round < 5; ++round) {
        EXPECT_TRUE(works(other));
        EXPECT_TRUE(primary_->does("queue 1")) << primary_->child().output();
    }
    EXPECT_TRUE(works(other));
    EXPECT_EQ(violations(quit()), 0U);
}

TEST_F(Processes, QueuesThatAreNoMoreAreEmptyForWhoHadThem) {
    start();
    Sharer& other = join(3);
    EXPECT_TRUE(works(other));
    EXPECT_TRUE(primary_->does("queues 2"));
    EXPECT_TRUE(idles(other));
    EXPECT_TRUE(works(*primary_));
    EXPECT_EQ(violations(quit()), 0U);
}

TEST_F(Processes, ChannelsWithoutMonitorBitAreSignalledByTheSendersOwnFile) {
    start("", "port=loop,monitor=off");
    Sharer& other = join();
    EXPECT_TRUE(works(other));
    EXPECT_TRUE(primary_->does("mtu 1400"));
    EXPECT_TRUE(works(other));
    EXPECT_EQ(violations(quit()), 0U);
}

// defect: 4.4-14 what is lent is given back by a function pointer of the process that received it
TEST_F(Processes, PortThatLendsItsFramesLetsNobodyElseIn) {
    start("rx_extmbuf_enable=1");
    Sharer& other = join();
    EXPECT_TRUE(other.child().prints("lends received frames", 10s)) << other.child().output();
    EXPECT_TRUE(idles(other));
    EXPECT_TRUE(primary_->does("mtu 1400"));
    EXPECT_EQ(violations(quit()), 0U);
}

TEST_F(Processes, DeviceThatTheHostTakesAwayEndsTheBurstsOfAll) {
    start();
    Sharer& other = join();
    EXPECT_TRUE(works(other));
    inject("rescind");
    EXPECT_TRUE(primary_->child().prints("took the device away", 10s))
        << primary_->child().output();
    EXPECT_TRUE(idles(other));
    EXPECT_TRUE(idles(*primary_));
    quit();
}

/// How a process ends in the middle of a burst, and what the primary says of it.
struct Death {
    const char* name;
    const char* way;
    const char* said;
};
constexpr Death kDeaths[] = {
    {"Sending", "die 1 sending", "died in a burst on transmit queue 1"},
    {"Receiving", "die 1 receiving", "died in a burst on receive queue 1"}};

class ProcessThatDies : public Processes, public ::testing::WithParamInterface<Death> {};
INSTANTIATE_TEST_SUITE_P(InABurst, ProcessThatDies, ::testing::ValuesIn(kDeaths),
                         [](const auto& death) { return death.param.name; });

TEST_P(ProcessThatDies, TakesThePortOutOfServiceUntilAReset) {
    start();
    Sharer& other = join();
    EXPECT_TRUE(works(other));
    other.type(GetParam().way);
    EXPECT_EQ(other.child().wait(30s), 128 + SIGSEGV) << other.child().output();
    EXPECT_TRUE(primary_->child().prints(GetParam().said, 10s)) << primary_->child().output();
    EXPECT_TRUE(idles(*primary_));
    EXPECT_TRUE(primary_->does("revive")) << primary_->child().output();
    EXPECT_TRUE(works(*primary_));
    EXPECT_TRUE(works(join(2)));
    EXPECT_EQ(violations(quit()), 0U);
}

TEST_F(Processes, KilledOneLeavesThePrimaryAPortThatWorksOrWantsAReset) {
    start();
    for (int round = 0; round < 6; ++round) {
        Sharer& other = join();
        EXPECT_TRUE(works(other));
        const auto found = children_named(other.child().pid(), "sharer");
        ASSERT_EQ(found.size(), 1U);
        ::kill(found.front(), SIGKILL);
        EXPECT_EQ(other.child().wait(30s), 128 + SIGKILL);
        // In a burst or between two: nobody knows beforehand.
        EXPECT_TRUE(primary_->does("revive")) << primary_->child().output();
        EXPECT_TRUE(works(*primary_));
    }
    EXPECT_EQ(violations(quit()), 0U);
}

}  // namespace
}  // namespace vmbus::test
