// Each mode of netvsc-fwd that makes, answers or measures packets, on emulated NICs: the host, its
// capture files and libtins judge what comes out.
#include <gtest/gtest.h>
#include <tins/tins.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/json_output.hpp"
#include "support/pcap_maker.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using Tins::EthernetII;

const char kOwn[] = "00:15:5d:00:00:01";
const char kPeer[] = "02:11:22:33:44:55";

/// libtins computes all lengths and checksums when it writes a frame.
FrameBytes as_it_should_be(const FrameBytes& frame) {
    return EthernetII(frame.data(), static_cast<std::uint32_t>(frame.size())).serialize();
}

struct FwdModes : testing::Test {
    /// Returns what netvsc-fwd wrote with --json at its end.
    json run(const std::vector<std::string>& nics, std::vector<std::string> options) {
        options.insert(options.end(), {"--json", "--expect-zero-loss"});
        const HostRun what{.nics = nics,
                           .guest = forwarder(Driver::kOurs, options),
                           .stats = folder.path("stats.json")};
        Child host(what.command());
        EXPECT_EQ(host.wait(60s), 0) << host.output();
        stats = read_json(what.stats);
        EXPECT_EQ(violations(stats), 0U) << host.output();
        return last_json(host.output());
    }
    Frames frames() const {
        std::string why;
        Frames all = read_pcap(out, why);
        EXPECT_EQ(why, "");
        return all;
    }
    std::string writer() const { return "port=pcap:out=" + out + ",mac=" + kOwn; }

    TemporaryFolder folder;
    std::string out = folder.path("out.pcap");
    json stats;
};

TEST_F(FwdModes, TransmitOnlySendsSoManyValidFramesFromItsOwnAddress) {
    const json end = run({writer()}, {"--forward-mode=txonly", "--count=1000", "--txpkts=100",
                                      std::string("--eth-peer=0,") + kPeer});
    EXPECT_EQ(end["total"]["tx_packets"], 1000);
    const Frames all = frames();
    ASSERT_EQ(all.size(), 1000U);
    EXPECT_EQ(std::set<FrameBytes>(all.begin(), all.end()).size(), 1U) << "one flow";
    EXPECT_EQ(all[0].size(), 100U);
    EXPECT_EQ(all[0], as_it_should_be(all[0]));
    const EthernetII frame(all[0].data(), 100);
    EXPECT_EQ(frame.src_addr(), kOwn);
    EXPECT_EQ(frame.dst_addr(), kPeer);
}

TEST_F(FwdModes, TransmitOnlySendsFramesInSegments) {
    run({writer() + ",mtu=9000"}, {"--forward-mode=txonly", "--count=500", "--max-pkt-len=9018",
                                   "--txpkts=64,2000,1,2000,2000"});
    const Frames all = frames();
    ASSERT_EQ(all.size(), 500U);
    EXPECT_EQ(all[0].size(), 6065U);
    EXPECT_EQ(all[0], as_it_should_be(all[0]));
    EXPECT_EQ(std::set<FrameBytes>(all.begin(), all.end()).size(), 1U);
}

TEST_F(FwdModes, FlowGeneratorSendsManyFlowsAndFreesWhatArrives) {
    const json end = run({writer(), "port=gen:rate=10000"},
                         {"--forward-mode=flowgen", "--flowgen-flows=50", "--duration=1"});
    EXPECT_GT(end["total"]["consumed"], 100);
    std::set<FrameBytes> flows;
    for (const FrameBytes& frame : frames()) {
        flows.insert(frame);
    }
    EXPECT_EQ(flows.size(), 50U);
    for (const FrameBytes& frame : flows) {
        EXPECT_EQ(frame, as_it_should_be(frame));
    }
}

TEST_F(FwdModes, IcmpEchoAnswersPingsAndQuestionsForAddresses) {
    const char asker[] = "02:00:00:00:00:07";
    Frames requests;
    Frames answers;
    for (std::uint16_t i = 0; i < 200; ++i) {
        const Tins::IP there("192.0.2.1", "192.0.2.9");
        const Tins::RawPDU payload(FrameBytes(i, 0x5A));
        Tins::ICMP ping(Tins::ICMP::ECHO_REQUEST);
        ping.sequence(i);
        requests.push_back((EthernetII(kOwn, asker) / there / ping / payload).serialize());
        Tins::ICMP pong(Tins::ICMP::ECHO_REPLY);
        pong.sequence(i);
        answers.push_back(
            (EthernetII(asker, kOwn) / Tins::IP("192.0.2.9", "192.0.2.1") / pong / payload)
                .serialize());
    }
    requests.push_back(Tins::ARP::make_arp_request("192.0.2.1", "192.0.2.9", asker).serialize());
    answers.push_back(Tins::ARP::make_arp_reply("192.0.2.9", "192.0.2.1", asker, kOwn).serialize());
    for (Frames* const frames : {&requests, &answers}) {
        for (FrameBytes& frame : *frames) frame.resize(std::max<std::size_t>(frame.size(), 60));
    }
    const std::string in = folder.path("in.pcap");
    const std::string expected = folder.path("expected.pcap");
    write_pcap(in, requests);
    write_pcap(expected, answers);
    run({"port=pcap:in=" + in + ":out=" + out + ",mac=" + kOwn}, {"--forward-mode=icmpecho"});
    EXPECT_EQ(compare_pcaps(expected, out), "");
}

struct FwdChecksums : FwdModes {
    static constexpr std::size_t kFrames = 700;

    /// Every checksum of IP and transport is wrong in it.
    void write_spoilt(const std::string& file) {
        Frames spoilt;
        for (std::size_t i = 0; i < kFrames; ++i) {
            FrameBytes frame = make_frame(i, 1);
            const std::size_t ip = frame[12] == 0x81 ? 18 : 14;
            const bool v4 = frame[ip - 2] == 0x08 && frame[ip - 1] == 0x00;
            const bool v6 = frame[ip - 2] == 0x86 && frame[ip - 1] == 0xDD;
            if (v4) frame[ip + 10] ^= 0x55;
            if (v4 || v6) {
                const bool tcp = frame[ip + (v4 ? 9 : 6)] == 6;
                frame[ip + (v4 ? 20 : 40) + (tcp ? 16 : 6)] ^= 0xAA;
            }
            spoilt.push_back(frame);
        }
        write_pcap(file, spoilt);
    }
    /// As they were, but for the addresses: 12 bytes.
    void expect_right(const std::string& addresses) {
        Frames right;
        for (std::size_t i = 0; i < kFrames; ++i) {
            right.push_back(make_frame(i, 1));
            std::copy(addresses.begin(), addresses.end(), right.back().begin());
        }
        const std::string expected = folder.path("expected.pcap");
        write_pcap(expected, right);
        EXPECT_EQ(compare_pcaps(expected, out), "");
    }
    std::string in = folder.path("in.pcap");
};

TEST_F(FwdChecksums, ThePortComputesThemWhereItCan) {
    write_spoilt(in);
    const json end = run({"port=pcap:in=" + in, writer()}, {"--forward-mode=csum"});
    expect_right(std::string("\x02\0\0\0\0\x01\0\x15\x5d\0\0\x01", 12));
    EXPECT_GT(end["bad_ip_checksums"], 0);
    EXPECT_GT(end["bad_l4_checksums"], 0);
}

TEST_F(FwdChecksums, TheProgramComputesThemWhereThePortCannot) {
    write_spoilt(in);
    auto command = forwarder(Driver::kDistribution,
                             {"--forward-mode=csum", "--count=" + std::to_string(kFrames),
                              std::string("--eth-peer=0,") + kPeer});
    command.insert(command.begin() + 1, {"--vdev", "net_pcap0,rx_pcap=" + in + ",tx_pcap=" + out});
    Child alone(command);
    ASSERT_EQ(alone.wait(60s), 0) << alone.output();
    ASSERT_EQ(frames().size(), kFrames) << alone.output();
    const FrameBytes first = frames()[0];
    expect_right(std::string(first.begin(), first.begin() + 12));
    EXPECT_EQ(EthernetII(first.data(), static_cast<std::uint32_t>(first.size())).dst_addr(), kPeer);
}

TEST_F(FwdModes, LatencyMeasuresTheWayFromPortToPort) {
    const json end =
        run({"port=lan:a", "port=lan:a:delay=2ms"}, {"--forward-mode=latency", "--count=1000"});
    const json& latency = end["latency_ns"];
    EXPECT_EQ(latency["frames"], 1000);
    EXPECT_EQ(latency["missing"], 0);
    double before = 0;
    for (const char* name : {"p50", "p90", "p99", "p99.9", "max"}) {
        EXPECT_GE(latency[name], before) << name;
        before = latency[name];
    }
    EXPECT_GE(latency["p50"], 2e6) << "the delay is on the way";
}

TEST_F(FwdModes, FramesThatNeverArriveAreALossOfLatency) {
    const HostRun nowhere{.nics = {"port=null", "port=null"},
                          .guest = forwarder(Driver::kOurs, {"--forward-mode=latency", "--count=10",
                                                             "--expect-zero-loss"})};
    Child host(nowhere.command());
    EXPECT_EQ(host.wait(60s), 4) << host.output();
    EXPECT_NE(host.output().find("lost 10 packets"), std::string::npos) << host.output();
}

}  // namespace
}  // namespace vmbus::test
