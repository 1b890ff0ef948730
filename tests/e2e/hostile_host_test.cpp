// A host that misbehaves by script, under a running testpmd: the application lives, the counter
// names what happened, and the port goes on or goes out of service with the reason.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <ostream>
#include <thread>

#include "support/child.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

struct Misdeed {
    const char* fault;
    const char* says;  ///< what testpmd shows then: an xstat that is not 0, or a line unasked
    bool port_lives;
    unsigned count = 3;
    unsigned long at_least = 1;  ///< of the counter

    bool is_counter() const { return std::string(says).find(' ') == std::string::npos; }
};

void PrintTo(const Misdeed& misdeed, std::ostream* stream) {
    *stream << misdeed.fault;
}

class HostileHost : public ::testing::TestWithParam<Misdeed> {
protected:
    HostRun run() const {
        const auto script = folder_.path("fault.json");
        std::ofstream(script) << R"({"faults": [{"what": ")" << GetParam().fault
                              << R"(", "nic": 0, "after": 500, "count": )" << GetParam().count
                              << "}]}";
        auto guest = testpmd({"-i"});
        const auto period = std::find(guest.begin(), guest.end(), "--stats-period");
        guest.erase(period, period + 2);
        guest.insert(guest.begin(), {"stdbuf", "-oL"});  // its output is a file, not a terminal
        return {.nics = {"port=gen:rate=20000", "port=gen:rate=20000"},
                .guest = guest,
                .strict = false,
                .stats = folder_.path("stats.json"),
                .options = {"--fault", script}};
    }

    /// Asks until the counter has got there; the fault strikes when traffic has run for a while.
    static bool counts(Child& host, const std::string& name, unsigned long at_least) {
        for (int i = 0; i < 60 && host.running(); ++i) {
            host.type("show port xstats 0");
            std::this_thread::sleep_for(200ms);
            const auto output = host.output();
            const auto at = output.rfind(name + ": ");
            if (at != std::string::npos &&
                std::strtoul(&output[at + name.size() + 2], nullptr, 10) >= at_least) {
                return true;
            }
        }
        return false;
    }

    TemporaryFolder folder_;
};

TEST_P(HostileHost, TheApplicationLivesAndTheCounterNamesIt) {
    const auto run = this->run();
    Child host(run.command());
    ASSERT_TRUE(host.prints("io packet forwarding", 20s)) << host.output();
    // While testpmd takes a port out by itself it must not be asked: its own threads would race.
    EXPECT_TRUE(GetParam().is_counter() ? counts(host, GetParam().says, GetParam().at_least)
                                        : host.prints(GetParam().says, 20s))
        << host.output();
    // The other port is not touched; this one is up or down as it should be.
    host.type("show port info 1");
    EXPECT_TRUE(host.prints("Link status: up", 10s)) << host.output();
    if (GetParam().port_lives) {
        EXPECT_EQ(host.output().find("out of service"), std::string::npos) << host.output();
    } else if (GetParam().is_counter()) {
        EXPECT_TRUE(host.prints("out of service", 5s)) << host.output();
    }
    host.type("quit");
    EXPECT_EQ(host.wait(40s), 0) << host.output();
    EXPECT_GE(read_json(run.stats)["nics"][0]["faults"], 1);
}

INSTANTIATE_TEST_SUITE_P(
    EachMisdeed, HostileHost,
    ::testing::Values(Misdeed{"late_completion", "tx_q0_messages", true, 3, 2000},
                      Misdeed{"lost_completion", "tx_q0_messages", true, 3, 2000},
                      Misdeed{"duplicate_completion", "tx_q0_bad_id_errors", true},
                      Misdeed{"forged_completion", "ring_q0_completion_id_errors", true},
                      Misdeed{"bad_rndis_length", "rx_q0_length_errors", true},
                      Misdeed{"bad_ppi", "rx_q0_ppi_errors", true},
                      Misdeed{"link_flap", "link state change event", true},
                      Misdeed{"bad_length", "ring_q0_length_errors", false},
                      // Often: a good index that follows at once hides a bad one.
                      Misdeed{"bad_index", "ring_q0_index_errors", false, 1'000'000},
                      Misdeed{"unknown_packet_type", "ring_q0_type_errors", false},
                      // When testpmd has taken the port out, it starts anew with the other one.
                      Misdeed{"rescind", "nb forwarding ports=1", false}),
    [](const auto& misdeed) { return std::string(misdeed.param.fault); });

}  // namespace
}  // namespace vmbus::test
