#include "netvsc-fwd/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netvsc_fwd {
namespace {

using testing::ElementsAre;

std::optional<Options> parsed(std::vector<std::string> words, int* status = nullptr) {
    words.insert(words.begin(), {"netvsc-fwd", "--"});
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    int own = 0;
    return parse_options(static_cast<int>(argv.size()), argv.data(), status ? *status : own);
}

class FwdOptions : public testing::Test {
protected:
    static void expect_refused(const std::vector<std::string>& words, const std::string& says) {
        int status = 0;
        testing::internal::CaptureStderr();
        EXPECT_FALSE(parsed(words, &status));
        const std::string text = testing::internal::GetCapturedStderr();
        EXPECT_EQ(status, 2);
        EXPECT_NE(text.find(says), std::string::npos) << text;
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    }
};

TEST_F(FwdOptions, EveryModeHasItsName) {
    for (const ModeFacts& facts : kModes) {
        const auto options = parsed({std::string("--forward-mode=") + facts.name});
        ASSERT_TRUE(options) << facts.name;
        EXPECT_EQ(options->mode, facts.mode);
    }
}

TEST_F(FwdOptions, AreWrittenAsTestpmdsAre) {
    const auto options = parsed({"--txpkts=64,100,200", "--tx-ip=10.0.0.1,10.0.0.2",
                                 "--tx-udp=4000,5000", "--eth-peer=1,02:11:22:33:44:55",
                                 "--max-pkt-len=9018", "--rss-udp", "--stats-period", "2"});
    ASSERT_TRUE(options);
    EXPECT_THAT(options->txpkts, ElementsAre(64, 100, 200));
    EXPECT_EQ(options->flow.source_ip, RTE_IPV4(10, 0, 0, 1));
    EXPECT_EQ(options->flow.destination_ip, RTE_IPV4(10, 0, 0, 2));
    EXPECT_EQ(options->flow.source_port, 4000);
    EXPECT_EQ(options->flow.destination_port, 5000);
    EXPECT_EQ(options->peers.at(1).addr_bytes[5], 0x55);
    EXPECT_EQ(options->max_pkt_len, 9018U);
    EXPECT_EQ(options->rss, RssTypes::kUdp);
    EXPECT_EQ(options->stats_period_s, 2U);
}

TEST_F(FwdOptions, OneUdpPortIsBoth) {
    const auto options = parsed({"--tx-udp=4000"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->flow.destination_port, 4000);
}

TEST_F(FwdOptions, WithoutAPeriodNoneIsChosenYet) {
    EXPECT_FALSE(parsed({})->stats_period_s);
    EXPECT_EQ(parsed({"--stats-period", "0"})->stats_period_s, 0U);
}

TEST_F(FwdOptions, WrongOnesAreRefusedInALineThatNamesThem) {
    expect_refused({"--forward-mode=sideways"}, "sideways");
    expect_refused({"--txpkts=64,3000"}, "3000");
    expect_refused({"--txpkts=20,64"}, "42 bytes");
    expect_refused({"--forward-mode=latency", "--txpkts=50"}, "58 bytes");
    expect_refused({"--tx-ip=10.0.0.1,here"}, "here");
    expect_refused({"--eth-peer=1"}, "PORT,MAC");
    expect_refused({"--rss-ip", "--rss-udp"}, "--rss");
    expect_refused({"--burst=0"}, "--burst");
    expect_refused({"--max-pkt-len=10"}, "--max-pkt-len");
}

TEST_F(FwdOptions, PacketsAreAtMost64K) {
    std::string lengths = "--txpkts=2048";
    for (int i = 0; i < 31; ++i) lengths += ",2048";
    expect_refused({lengths}, "65536");
}

}  // namespace
}  // namespace netvsc_fwd
