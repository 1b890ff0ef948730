// A host that misbehaves while frames flow, in every way that a port can live with, all in one run
// of testpmd: each misdeed is named by its counter, and both ports go on to the end.
// The numbers in the names are those of the list in docs/nics/netvsc.md, "A hostile host".
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "support/hostile_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

struct Misdeed {
    const char* name;
    const char* step;     ///< of the script, without "after"
    const char* counter;  ///< that names it
    std::uint64_t at_least = 1;
};

void PrintTo(const Misdeed& misdeed, std::ostream* stream) {
    *stream << misdeed.name;
}

constexpr Misdeed kMisdeeds[] = {
    {"N04_FooterThatNamesAnotherStart", R"("what": "bad_footer", "count": 50)", "rx_q0_packets",
     500},
    {"N05_WordsOfTheRingForged", R"("what": "forged_word", "how": "any", "count": 20)",
     "tx_q0_messages", 500},
    {"N06_FloodOfTinyPackets", R"("what": "flood", "value": 3000, "count": 3)",
     "ring_q0_in_band_unknown", 9000},
    {"N07_CompletionTwice", R"("what": "duplicate_completion", "on": "data", "count": 3)",
     "tx_q0_bad_id_errors", 3},
    {"N07_CompletionOfAForgedId", R"("what": "forged_completion", "on": "data", "count": 3)",
     "ring_q0_completion_id_errors", 3},
    {"N07_CompletionOfTheWrongKind", R"("what": "wrong_completion", "on": "data", "count": 3)",
     "tx_q0_host_failed_packets", 3},
    {"N08_IdsOfTheHostsOwnSpace", R"("what": "vf_association", "how": "any", "count": 6)",
     "ring_q0_vf_associations", 6},
    {"N09_CompletionThatNeverComes", R"("what": "lost_completion", "on": "data", "count": 3)",
     "tx_q0_messages", 500},
    {"N09_CompletionThatComesLate", R"("what": "late_completion", "on": "data", "count": 9)",
     "tx_q0_messages", 500},
    {"N10_MessageShorterThanItsStruct", R"("what": "short_message", "count": 3)",
     "ring_q0_in_band_unknown", 3},
    {"N10_CompletionShorterThanItsStruct",
     R"("what": "short_completion", "on": "data", "count": 3)", "tx_q0_host_failed_packets", 3},
    {"N13_IndirectionTables", R"("what": "indirection_table", "how": "any", "count": 20)",
     "ring_q0_indirection_table_errors", 1},
    {"N14_DataPathSwitchedUnasked", R"("what": "switch_data_path", "count": 3)", "rx_q0_packets",
     500},
    {"N15_UnknownMessage", R"("what": "unknown_message", "count": 3)", "ring_q0_in_band_unknown",
     3},
    {"N16_RangesOfAnotherBuffer", R"("what": "bad_transfer", "how": "pageset", "count": 3)",
     "ring_q0_transfer_buffer_errors", 3},
    {"N16_NoRanges", R"("what": "bad_transfer", "how": "none", "count": 3)",
     "ring_q0_transfer_count_errors", 3},
    {"N16_RangeOutsideTheBuffer", R"("what": "bad_transfer", "how": "outside", "count": 3)",
     "ring_q0_transfer_range_errors", 3},
    {"N16_EmptyRange", R"("what": "bad_transfer", "how": "empty", "count": 3)",
     "ring_q0_transfer_range_errors", 6},
    {"N16_OversizedRange", R"("what": "bad_transfer", "how": "oversized", "count": 3)",
     "ring_q0_transfer_range_errors", 9},
    {"N16_OverlappingRanges", R"("what": "bad_transfer", "how": "overlap", "count": 3)",
     "rx_q0_packets", 500},
    {"N16_RangesWithoutAnRndisMessage", R"("what": "bad_transfer", "how": "message", "count": 3)",
     "ring_q0_transfer_message_errors", 3},
    {"N17_MessageLongerThanItsRange", R"("what": "bad_rndis_length", "count": 3)",
     "rx_q0_length_errors", 3},
    {"N17_DataOutsideTheMessage", R"("what": "bad_frame", "how": "data_offset", "count": 3)",
     "rx_q0_data_errors", 3},
    {"N17_FrameThatIsTooLong", R"("what": "bad_frame", "how": "data_length", "count": 3)",
     "rx_q0_data_errors", 6},
    {"N17_FrameWithoutBytes", R"("what": "bad_frame", "how": "no_data", "count": 3)",
     "rx_q0_data_errors", 9},
    {"N17_OutOfBandData", R"("what": "bad_frame", "how": "oob", "count": 3)", "rx_q0_oob_errors",
     3},
    {"N17_InfoOutsideTheMessage", R"("what": "bad_frame", "how": "ppi_offset", "count": 3)",
     "rx_q0_ppi_area_errors", 3},
    {"N17_MalformedInfo", R"("what": "bad_ppi", "how": "any", "count": 9)", "rx_q0_ppi_errors", 5},
    {"N17_MessageThatIsNoFrame", R"("what": "bad_frame", "how": "type", "count": 3)",
     "ring_q0_control_errors", 3},
    {"N18_PiecesThatAreNotAligned", R"("what": "pause", "value": 10)", "rx_q0_packets", 500},
    {"N19_HeadsThatChangeWhileWeRead", R"("what": "rewritten_frame", "count": 200)",
     "rx_q0_packets", 500},
    {"N20_StatusOutsideItsMessage", R"("what": "bad_status", "how": "outside", "count": 3)",
     "ring_q0_control_errors", 6},
    {"N20_StatusNobodyKnows", R"("what": "bad_status", "how": "unknown", "count": 3)",
     "ring_q0_status_unknown", 3},
    {"N20_LinkThatFlaps", R"("what": "link_flap", "count": 1)", "tx_q0_messages", 500},
    {"N21_ReplyToNobody", R"("what": "duplicate_reply", "on": "set", "count": 1)",
     "ring_q0_control_unexpected", 1},
};

/// How much goes well before a misdeed whose turn is `turn`. A packet that is refused takes all of
/// its frames with it, so packets are spoilt when all the frames have been.
unsigned start_of(const Misdeed& misdeed, unsigned turn) {
    const std::string step = misdeed.step;
    if (step.find("reply") != std::string::npos) {
        return 0;
    }
    return (step.find("bad_transfer") != std::string::npos ? 2000 : 200) + 7 * turn;
}

/// Steps on NIC 0, one a little after the other.
std::string script() {
    std::string text = R"({"seed": 5, "faults": [)";
    unsigned turn = 0;
    for (const Misdeed& misdeed : kMisdeeds) {
        text += (text.back() == '[' ? "{" : ",{") + std::string(misdeed.step) + R"(, "after": )" +
                std::to_string(start_of(misdeed, turn++)) + "}";
    }
    return text + "]}";
}

bool all_there(const Xstats& stats) {
    return std::all_of(std::begin(kMisdeeds), std::end(kMisdeeds), [&](const auto& misdeed) {
        const auto found = stats.find(misdeed.counter);
        return found != stats.end() && found->second >= misdeed.at_least;
    });
}

struct TrafficRun : HostileRun {
    TrafficRun() {
        TestpmdSession run({.nics = {"port=gen:rate=20000:len=64", "port=gen:rate=20000:len=64"},
                            .fault = script()});
        forwards = run.forwards();
        if (forwards) {
            counters = run.xstats_until(0, 60s, all_there);
            // A flap is told in two news, five seconds apart.
            run.xstats_until(0, 30s, [&](const Xstats&) { return run.link(0) == "up"; });
            other = run.xstats(1);
            links = {run.link(0), run.link(1)};
        }
        end(run);
    }

    Xstats counters;
    Xstats other;
    std::vector<std::string> links;
};

using HostileTraffic = LooksAtRun<Misdeed, TrafficRun>;

TEST_P(HostileTraffic, IsNamedByItsCounterAndThePortLives) {
    ASSERT_TRUE(run_.counters.contains(GetParam().counter)) << run_.output;
    EXPECT_GE(run_.counters.at(GetParam().counter), GetParam().at_least);
    EXPECT_EQ(run_.links, (std::vector<std::string>{"up", "up"}));
}

INSTANTIATE_TEST_SUITE_P(EachMisdeed, HostileTraffic, ::testing::ValuesIn(kMisdeeds),
                         [](const auto& misdeed) { return std::string(misdeed.param.name); });

TEST(HostileTrafficAsAWhole, TheApplicationEndsByItself) {
    const auto& run = the_run<TrafficRun>();
    EXPECT_EQ(run.status, 0) << run.output;
    EXPECT_EQ(run.output.find("out of service"), std::string::npos);
    EXPECT_GE(run.host.at("nics")[0].at("faults"), std::size(kMisdeeds));
}

TEST(HostileTrafficAsAWhole, TheOtherPortSeesNothingOfIt) {
    const auto& other = the_run<TrafficRun>().other;
    for (const auto& [name, value] : other) {
        const bool is_error = name.ends_with("_errors") || name.ends_with("_unknown");
        EXPECT_TRUE(!is_error || value == 0) << name << ' ' << value;
    }
    ASSERT_TRUE(other.contains("rx_q0_packets"));
    EXPECT_GT(other.at("rx_q0_packets"), 100U);
}

}  // namespace
}  // namespace vmbus::test
