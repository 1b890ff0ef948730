// What the stock testpmd leaves to the NIC beside checksums: large sends, packets put together on
// receive, VLAN tags, chained mbufs. Each story ends with bytes that are known beforehand.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/pcap_maker.hpp"
#include "support/tcp_frame.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
constexpr auto kPatience = 60s;
constexpr std::size_t kMss = 1000;

FrameBytes raw(const std::vector<std::byte>& bytes) {
    FrameBytes out;
    for (const auto byte : bytes) out.push_back(std::to_integer<std::uint8_t>(byte));
    return out;
}

/// Segments of one connection after another, `burst` of them each and a shorter one that pushes.
Frames tcp_bursts(std::size_t connections, unsigned burst) {
    Frames frames;
    for (std::size_t i = 0; i < connections; ++i) {
        support::TcpFrame next{
            .v6 = i % 3 == 2, .payload = kMss, .source_port = static_cast<std::uint16_t>(4000 + i)};
        for (unsigned part = 0; part <= burst; ++part, ++next.id, next.sequence += kMss) {
            next.payload_from = part + static_cast<unsigned>(i);
            if (part == burst) {
                next.payload = kMss / 2;
                next.flags = 0x18;
            }
            frames.push_back(raw(support::tcp_frame(next)));
        }
    }
    return frames;
}

/// `frame` with an 802.1Q tag of this id.
FrameBytes tagged(FrameBytes frame, std::uint16_t id) {
    const std::uint8_t tag[] = {0x81, 0, static_cast<std::uint8_t>(id >> 8),
                                static_cast<std::uint8_t>(id & 0xFF)};
    frame.insert(frame.begin() + 12, std::begin(tag), std::end(tag));
    return frame;
}

FrameBytes answer(FrameBytes frame) {
    std::swap_ranges(frame.begin(), frame.begin() + 6, frame.begin() + 6);
    return frame;
}

/// One NIC replays a file into testpmd, the other writes what comes out.
class Offloads : public ::testing::Test {
protected:
    void through_testpmd(const std::string& nic, const std::vector<std::string>& options,
                         const std::vector<std::string>& lines, const Frames& in) {
        write_pcap(in_, in);
        std::ofstream commands(folder_.path("commands"));
        for (const auto& line : lines) commands << line << "\n";
        commands.close();
        auto words = options;
        words.push_back("--cmdline-file=" + folder_.path("commands"));
        const HostRun run{.nics = {"port=pcap:in=" + in_ + nic, "port=pcap:out=" + out_ + nic},
                          .guest = testpmd(words),
                          .stats = folder_.path("stats.json")};
        Child host(run.command());
        const auto status = host.wait(kPatience);
        output_ = host.output();
        ASSERT_EQ(status, 0) << output_;
        stats_ = read_json(run.stats);
        EXPECT_EQ(violations(stats_), 0U) << output_;
    }
    void expect_out(const Frames& expected) {
        const auto file = folder_.path("expected.pcap");
        write_pcap(file, expected);
        EXPECT_EQ(compare_pcaps(file, out_), "") << output_;
    }
    std::uint64_t figure(std::size_t nic, const char* name) const {
        return stats_["nics"][nic]["channels"][0][name];
    }

    TemporaryFolder folder_;
    std::string in_ = folder_.path("in.pcap");
    std::string out_ = folder_.path("out.pcap");
    std::string output_;
    nlohmann::json stats_;
};

// The host joins segments, testpmd hands the large packets on, the host cuts them: back to the
// bytes of the beginning, whatever was joined with what.
TEST_F(Offloads, WhatTheHostJoinedAndTheHostCutAgainIsByteIdentical) {
    const auto frames = tcp_bursts(40, 20);
    through_testpmd(
        ",rsc=on",
        {"--forward-mode=csum", "--enable-lro", "--max-lro-pkt-size=65535", "--enable-scatter",
         "--enable-rx-cksum", "--mbuf-size=4224", "--tx-offloads=0x8000"},
        {"port stop all", "csum set ip hw 1", "csum set tcp hw 1", "csum mac-swap off 0",
         "csum mac-swap off 1", "tso set " + std::to_string(kMss) + " 1", "port start all"},
        frames);
    expect_out(frames);
    EXPECT_GT(figure(0, "rx_coalesced"), 0U) << output_;
    EXPECT_GT(figure(1, "tx_large_sends"), 0U) << output_;
    EXPECT_GE(figure(1, "tx_segments"), 2 * figure(1, "tx_large_sends"));
}

TEST_F(Offloads, ATagIsTakenOutAndAnotherPutInAtRunTime) {
    Frames in;
    Frames expected;
    for (std::size_t i = 0; i < 500; ++i) {
        const auto plain = raw(support::tcp_frame({.payload = 20 + i}));
        in.push_back(tagged(plain, 100));
        expected.push_back(tagged(answer(plain), 200));
    }
    through_testpmd("", {"--forward-mode=macswap"},
                    {"port stop 1", "tx_vlan set 1 200", "port start 1", "vlan set strip on 0"},
                    in);
    expect_out(expected);
    EXPECT_EQ(figure(1, "tx_vlan_tags"), in.size());
}

TEST_F(Offloads, JumboFramesGoThroughChainsOfSmallMbufs) {
    Frames frames;
    for (std::size_t i = 0; i < 400; ++i) {
        frames.push_back(raw(support::tcp_frame(
            {.payload = 1 + i * 7919 % 8960, .payload_from = static_cast<unsigned>(i)})));
    }
    through_testpmd(
        ",mtu=9000",
        {"--max-pkt-len=9018", "--enable-scatter", "--mbuf-size=1152", "--tx-offloads=0x8000"},
        {"show port info 0"}, frames);
    expect_out(frames);
    EXPECT_GT(figure(1, "tx_by_gpa") + figure(1, "tx_by_both"), 0U);
    EXPECT_NE(output_.find("MTU: 9000"), std::string::npos) << output_;
}

}  // namespace
}  // namespace vmbus::test
