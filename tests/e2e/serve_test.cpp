// One host, several guests that come and go: serve, attach, status, inject.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "support/child.hpp"
#include "support/comes_true.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

class Serve : public ::testing::Test {
protected:
    explicit Serve(const std::vector<std::string>& more = {})
        : host_(command(
              "serve",
              concat({"--nic", "port=gen:rate=20000", "--nic", "port=gen:rate=20000"}, more))) {
        EXPECT_TRUE(host_.prints("serving at", 10s)) << host_.output();
    }

    static std::vector<std::string> concat(std::vector<std::string> a,
                                           const std::vector<std::string>& b) {
        a.insert(a.end(), b.begin(), b.end());
        return a;
    }
    std::vector<std::string> command(const std::string& verb,
                                     const std::vector<std::string>& more) const {
        return concat({host_program(), verb, "--socket", folder_.path("control")}, more);
    }
    std::vector<std::string> attach(const std::vector<std::string>& guest) const {
        return command("attach", concat({"--"}, guest));
    }
    /// Forwards one NIC to itself, as a guest of its own.
    std::vector<std::string> forwarder_on(unsigned nic) const {
        const auto id = status()["nics"][nic]["id"].get<std::string>();
        auto guest = forwarder(Driver::kOurs);
        const auto dashes = std::find(guest.begin(), guest.end(), "--");
        guest.insert(dashes, {"-a", "vmbus:" + id,
                              "--file-prefix=serve-" + std::to_string(nic) + "-" +
                                  std::to_string(getpid())});
        guest.erase(std::remove_if(guest.begin(), guest.end(),
                                   [](const std::string& word) {
                                       return word.starts_with("--file-prefix=vmbus-test");
                                   }),
                    guest.end());
        return attach(guest);
    }
    int run(const std::vector<std::string>& words, std::string* output = nullptr) const {
        Child child(words);
        const int result = child.wait(10s).value_or(-1);
        if (output != nullptr) *output = child.output();
        return result;
    }
    nlohmann::json status() const {
        std::string text;
        EXPECT_EQ(run(command("status", {"--json"}), &text), 0) << text;
        return nlohmann::json::parse(text, nullptr, false);
    }
    bool shows(const std::function<bool(const nlohmann::json&)>& condition) const {
        return comes_true([&] { return condition(status()); }, 15s);
    }
    static std::uint64_t received(const nlohmann::json& status, unsigned nic) {
        return status["nics"][nic]["channels"][0]["rx_packets"];
    }

    const TemporaryFolder folder_;
    Child host_;
};

TEST_F(Serve, AGuestsStatusIsHandedThrough) {
    EXPECT_EQ(run(attach({"sh", "-c", "ls /sys/class/uio/uio1 >/dev/null && exit 7"})), 7);
    EXPECT_EQ(run(attach({"sh", "-c", "kill -9 $$"})), 128 + SIGKILL);
}

TEST_F(Serve, SignalsReachTheGuest) {
    Child guest(
        attach({"sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done"}));
    ASSERT_TRUE(guest.prints("ready", 10s));
    guest.signal(SIGTERM);
    EXPECT_EQ(guest.wait(10s), 9);
}

TEST_F(Serve, TwoGuestsAtOnceEachWithItsNicAndAKilledOneReturnsEverything) {
    Child first(forwarder_on(0));
    Child second(forwarder_on(1));
    EXPECT_TRUE(shows([](const auto& now) {
        return received(now, 0) > 1000 && received(now, 1) > 1000;
    })) << first.output()
        << second.output();
    EXPECT_EQ(status()["guests"].size(), 2U);
    const auto opener = status()["nics"][0]["openers"][0].get<pid_t>();
    EXPECT_NE(opener, status()["nics"][1]["openers"][0].get<pid_t>());
    ::kill(opener, SIGKILL);
    EXPECT_EQ(first.wait(10s), 128 + SIGKILL);
    EXPECT_TRUE(shows([](const auto& now) {
        return now["nics"][0]["state"] == "offered" && now["guests"].size() == 1;
    }));
    Child third(forwarder_on(0));
    const auto before = received(status(), 0);
    EXPECT_TRUE(shows([&](const auto& now) { return received(now, 0) > before + 1000; }))
        << third.output();
}

TEST_F(Serve, ARestartLooksToTestpmdLikeRemovalAndANewDevice) {
    auto guest = testpmd({"-i", "--hot-plug"});
    guest.insert(guest.begin(), {"stdbuf", "-oL"});
    Child child(attach(guest));
    ASSERT_TRUE(child.prints("io packet forwarding", 20s)) << child.output();
    const auto id = status()["nics"][0]["id"].get<std::string>();
    EXPECT_EQ(run(command("inject", {"crash", "--delay", "100"})), 0);
    EXPECT_TRUE(shows([](const auto& now) {
        return now["nics"][0]["state"] == "offered" && now["nics"][0]["uio"] != 0;
    })) << child.output();
    child.type("port attach vmbus:" + id);
    EXPECT_TRUE(child.prints("is attached. Now total ports is", 20s)) << child.output();
    EXPECT_TRUE(shows([](const auto& now) { return now["nics"][0]["state"] == "open"; }));
    child.type("quit");
    EXPECT_EQ(child.wait(20s), 0) << child.output();
}

TEST_F(Serve, FaultsAndTheCableFollowOrders) {
    EXPECT_EQ(run(command("inject", {"link_down", "--nic", "1"})), 0);
    EXPECT_EQ(status()["nics"][1]["link"], "down");
    EXPECT_EQ(run(command("inject", {"lost_completion", "--after", "3"})), 0);
    std::string text;
    EXPECT_EQ(run(command("inject", {"no_such_fault"}), &text), 1);
    EXPECT_NE(text.find("no_such_fault"), std::string::npos);
    EXPECT_EQ(run(command("inject", {"offer", "--nic", "0"}), &text), 1);
    EXPECT_NE(text.find("on offer"), std::string::npos);
}

TEST_F(Serve, EndsWithoutATraceWhenAsked) {
    std::string text;
    EXPECT_EQ(run(attach({"sh", "-c", "echo root=$VMBUS_FACE_ROOT"}), &text), 0);
    const auto folder = text.substr(text.find('/'), text.find('\n') - text.find('/'));
    EXPECT_TRUE(std::filesystem::exists(folder)) << text;
    host_.signal(SIGTERM);
    EXPECT_EQ(host_.wait(10s), 0) << host_.output();
    EXPECT_TRUE(comes_true([&] { return !std::filesystem::exists(folder); }));
    EXPECT_FALSE(std::filesystem::exists(folder_.path("control")));
    EXPECT_EQ(run(command("status", {}), &text), 1);
    EXPECT_NE(text.find("no host at"), std::string::npos) << text;
}

/// Everything but a tap port works for anybody. Where the test is root, it becomes a user without a
/// name, who may read the build folder wherever that lies and nothing else.
TEST(Unprivileged, HostAndGuestRunAsAnOrdinaryUser) {
    constexpr uid_t kSomebody = 61234;
    std::string runtime = "/tmp/vmbus-somebody-XXXXXX";
    ASSERT_NE(mkdtemp(runtime.data()), nullptr);
    std::vector<std::string> command = {"env", "XDG_RUNTIME_DIR=" + runtime};
    if (geteuid() == 0) {
        ASSERT_EQ(chown(runtime.c_str(), kSomebody, kSomebody), 0);
        for (const char* word :
             {"setpriv", "--reuid=61234", "--regid=61234", "--clear-groups",
              "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search",
              "--bounding-set=-all,+dac_read_search"}) {
            command.emplace_back(word);
        }
    }
    const auto host = HostRun{.nics = {"port=gen:count=1000:rate=20000", "port=null"},
                              .guest = forwarder(Driver::kOurs, {"--duration", "1"})}
                          .command();
    command.insert(command.end(), host.begin(), host.end());
    Child child(command);
    EXPECT_EQ(child.wait(30s), 0) << child.output();
    EXPECT_EQ(child.output().find("broke"), std::string::npos) << child.output();
    std::filesystem::remove_all(runtime);
}

}  // namespace
}  // namespace vmbus::test
