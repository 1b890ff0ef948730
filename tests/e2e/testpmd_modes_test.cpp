// The stock testpmd in each of its forwarding modes on four queues of our ports.
#include <gtest/gtest.h>
#include <tins/tins.h>

#include <ostream>

#include "support/pcap_maker.hpp"
#include "support/testpmd_session.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kGenerator = "port=gen:rate=4000:len=80:flows=64:proto=tcp,queues=4";

struct Mode {
    const char* name;
    bool receives;
    bool sends;
};

void PrintTo(const Mode& mode, std::ostream* stream) {
    *stream << mode.name;
}

class TestpmdMode : public ::testing::TestWithParam<Mode> {};

/// Frames of all NICs and channels.
std::uint64_t sum(const nlohmann::json& host, const char* counter) {
    std::uint64_t frames = 0;
    for (const auto& nic : host.at("nics")) {
        for (const auto& channel : nic.at("channels")) {
            frames += channel.at(counter).get<std::uint64_t>();
        }
    }
    return frames;
}

TEST_P(TestpmdMode, MovesFramesOnFourQueuesAndBreaksNoRule) {
    const Mode mode = GetParam();
    TestpmdSession run(
        {.nics = {kGenerator, kGenerator},
         .fault = {},
         .testpmd = {"--rxq=4", "--txq=4", std::string("--forward-mode=") + mode.name},
         .host = {"--strict"}});
    ASSERT_TRUE(run.prints(std::string(mode.name) + " packet forwarding", 60s)) << run.output();
    run.xstats_until(0, 20s, [&](Xstats stats) {
        return (!mode.receives || stats["rx_good_packets"] > 200) &&
               (!mode.sends || stats["tx_good_packets"] > 200);
    });
    EXPECT_EQ(run.quit(), 0) << run.output();
    const auto host = run.host_stats();
    EXPECT_TRUE(!mode.receives || sum(host, "rx_packets") > 200) << run.output();
    EXPECT_EQ(sum(host, "tx_packets") > 200, mode.sends) << run.output();
    EXPECT_EQ(violations(host), 0U);
}

INSTANTIATE_TEST_SUITE_P(Each, TestpmdMode,
                         ::testing::Values(Mode{"io", true, true}, Mode{"mac", true, true},
                                           Mode{"macswap", true, true}, Mode{"csum", true, true},
                                           Mode{"5tswap", true, true}, Mode{"rxonly", true, false},
                                           Mode{"txonly", false, true}, Mode{"flowgen", true, true},
                                           Mode{"icmpecho", true, false}),
                         [](const auto& mode) { return "Is_" + std::string(mode.param.name); });

/// An ARP request and echo requests for an address behind our NIC.
Frames questions() {
    using namespace Tins;
    const std::string us = "02:00:00:00:00:01";
    const std::string nic = "00:15:5d:00:00:01";
    Frames frames;
    auto arp = ARP::make_arp_request("10.0.0.2", "10.0.0.1", us);
    frames.push_back(arp.serialize());
    for (std::uint16_t i = 0; i < 50; ++i) {
        ICMP echo(ICMP::ECHO_REQUEST);
        echo.id(7);
        echo.sequence(i);
        auto frame = EthernetII(nic, us) / IP("10.0.0.2", "10.0.0.1") / echo /
                     RawPDU(std::string(56 + i, 'x'));
        frames.push_back(frame.serialize());
    }
    return frames;
}

TEST(TestpmdIcmpEcho, AnswersArpAndEachEcho) {
    TemporaryFolder folder;
    write_pcap(folder.path("in.pcap"), questions());
    const HostRun run{.nics = {"port=pcap:in=" + folder.path("in.pcap") +
                               ":out=" + folder.path("out.pcap") + ",mac=00:15:5d:00:00:01"},
                      .guest = testpmd({"--forward-mode=icmpecho", "--port-topology=loop"}),
                      .stats = folder.path("stats.json")};
    Child host(run.command());
    ASSERT_EQ(host.wait(60s), 0) << host.output();
    std::string why;
    const Frames answers = read_pcap(folder.path("out.pcap"), why);
    ASSERT_EQ(answers.size(), 51U) << why << host.output();
    const Tins::EthernetII first(answers[0].data(), static_cast<std::uint32_t>(answers[0].size()));
    EXPECT_EQ(first.rfind_pdu<Tins::ARP>().opcode(), Tins::ARP::REPLY);
    for (std::size_t i = 1; i < answers.size(); ++i) {
        const Tins::EthernetII frame(answers[i].data(),
                                     static_cast<std::uint32_t>(answers[i].size()));
        const auto& echo = frame.rfind_pdu<Tins::ICMP>();
        EXPECT_EQ(echo.type(), Tins::ICMP::ECHO_REPLY);
        EXPECT_EQ(echo.sequence(), i - 1);
    }
}

}  // namespace
}  // namespace vmbus::test
