// What the stories of an application of several processes share: its processes
// (tests/guest/sharer.cpp) on one NIC of four queues, each told by lines what to do, and whether
// they send and receive.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <regex>
#include <thread>

#include "support/child.hpp"
#include "support/comes_true.hpp"
#include "support/host_run.hpp"
#include "support/hugepages.hpp"
#include "support/processes.hpp"

namespace vmbus::test {

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
        std::string text;
        const bool answered = comes_true(
            [&] {
                text = child_.output().substr(before);
                const std::size_t at = text.find(end);
                return at != std::string::npos && text.find('\n', at) != std::string::npos;
            },
            30s);
        EXPECT_TRUE(answered) << "no answer to '" << line << "': " << child_.output();
        return answered ? text : "";
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
    /// nothing: there is none of that name.
    std::optional<std::uint64_t> xstat(const std::string& name) {
        const std::string text = ask("xstat " + name, "xstat");
        std::smatch match;
        return std::regex_search(text, match, std::regex("xstat (\\d+)"))
                   ? std::optional<std::uint64_t>(std::stoull(match[1]))
                   : std::nullopt;
    }
    /// Sooner or later: it maps the device after its first burst.
    bool counts_some(const std::string& name) {
        return comes_true([&] { return xstat(name).value_or(0) != 0; });
    }
    /// "link 1 resets 0": of the link, and how often the driver asked for a reset.
    bool comes_to(const std::string& state) {
        return comes_true([&] { return ask("state", "resets").find(state) != std::string::npos; });
    }
    void rest() { ask("rest 1", "resting"); }
    void type(const std::string& line) { child_.type(line); }
    std::optional<int> quit() {
        child_.type("quit");
        return child_.wait(60s);
    }
    Child& child() { return child_; }
    /// Its own process, which may not be the one that was started. 0: there is none, or several.
    pid_t process() {
        const auto found = children_named(child_.pid(), "sharer");
        return found.size() == 1 ? found.front() : 0;
    }

private:
    Child child_;
};

/// The primary process and its NIC.
struct Setting {
    std::string device = "";        ///< what the driver is told
    std::string nic = "port=loop";  ///< kernels before 6.18 refuse one without a monitor bit
    std::uint16_t queue = 0;        ///< of the primary process
    std::vector<std::string> eal = {};
};

class Processes : public ::testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0 || !pages_.reserved()) {
            GTEST_SKIP() << "takes root, private mounts and hugepages";
        }
    }

    void start(const Setting& setting = {}) {
        auto guest = words(setting.queue, {"4"}, setting.device);
        guest.insert(guest.begin() + 1, setting.eal.begin(), setting.eal.end());
        const HostRun host{.nics = {setting.nic + ",queues=4,id=" + kId},
                           .guest = guest,
                           .stats = folder_.path("stats.json"),
                           .options = {"--socket", socket(), "--kernel", "6.18"}};
        primary_.emplace(in_own_mounts(host.command()));
    }
    /// The process of a queue that the primary does not have. `more`: behind the queue; `in`: what
    /// it is run by.
    Sharer& join(std::uint16_t queue = 1, const std::vector<std::string>& more = {},
                 const std::vector<std::string>& in = {}) {
        auto options = words(queue, more, "");
        options.insert(options.begin() + 1, "--proc-type=secondary");
        auto command = beside(primary_->child().pid(), socket(), options);
        command.insert(std::find(command.begin(), command.end(), host_program()), in.begin(),
                       in.end());
        others_.push_back(std::make_unique<Sharer>(command));
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
        if (comes_true([&] {
                now = process.counts();
                return now.sent > first.sent + 100 && now.received > first.received + 100;
            })) {
            return ::testing::AssertionSuccess();
        }
        return ::testing::AssertionFailure() << "sent " << now.sent - first.sent << ", received "
                                             << now.received - first.received << "\n"
                                             << process.child().output();
    }
    /// Until a process sends and receives nothing, though it tries to.
    static ::testing::AssertionResult idles(Sharer& process) {
        const Counts first = process.counts();
        Counts now = first;
        comes_true([&] {
            now = process.counts();
            return now.rounds >= first.rounds + 1000;
        });
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

}  // namespace vmbus::test
