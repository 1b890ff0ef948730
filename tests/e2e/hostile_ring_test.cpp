// A host that breaks the contract of the ring itself, each of ten NICs in another way (the read
// index, number 2, is looked at too seldom for that: tests/unit/ring/writer_test.cpp), all under
// one testpmd: those ports go out of service with the reason, named by a counter; the others go on.
#include <gtest/gtest.h>

#include <ostream>

#include "support/hostile_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

struct Breach {
    const char* name;
    const char* step;
    const char* counter;
};

void PrintTo(const Breach& breach, std::ostream* stream) {
    *stream << breach.name;
}

// Indices often: a good one that follows at once hides a bad one.
constexpr Breach kBreaches[] = {
    {"N01_WriteIndexOutside", R"("what": "bad_index", "count": "forever")", "ring_q0_index_errors"},
    {"N01_WriteIndexUnaligned", R"("what": "bad_index", "how": "unaligned", "count": "forever")",
     "ring_q0_index_errors"},
    {"N01_WriteIndexJumps", R"("what": "bad_index", "how": "jump", "count": "forever")", ""},
    {"N03_LengthBeyondTheIndex", R"("what": "bad_length")", "ring_q0_length_errors"},
    {"N03_LengthBelowTheOffset", R"("what": "bad_length", "how": "below_offset")",
     "ring_q0_length_errors"},
    {"N03_OffsetBelowTwo", R"("what": "bad_length", "how": "bad_offset")", "ring_q0_length_errors"},
    {"N03_GarbageInFlags", R"("what": "bad_flags")", "ring_q0_flag_errors"},
    {"N03_UnknownType", R"("what": "unknown_packet_type")", "ring_q0_type_errors"},
    {"N03_GpaDirectFromAHost", R"("what": "unknown_packet_type", "how": "gpa_direct")", ""},
    {"N16_MoreRangesThanFit", R"("what": "bad_transfer", "how": "many")",
     "ring_q0_range_count_errors"},
};
constexpr unsigned kLiving = std::size(kBreaches);

struct RingRun : HostileRun {
    RingRun() {
        const std::string nic = "port=gen:rate=4000,ring=64K,recv=1M,send=512K";
        TestpmdSession run({.nics = std::vector<std::string>(kLiving + 1, nic),
                            .fault = one_step_for_each_nic(kBreaches, R"(, "after": 300)"),
                            .testpmd = {"--port-topology=loop", "--rxd=128", "--txd=128"}});
        forwards = run.forwards();
        if (forwards) {
            for (unsigned port = 0; port < kLiving; ++port) {
                run.xstats_until(port, 10s,
                                 [&](const Xstats&) { return run.link(port) == "down"; });
                counters.push_back(run.xstats(port));  // those from after it went down
                links.push_back(run.link(port));
            }
            living_link = run.link(kLiving);
            living = run.xstats_until(kLiving, 5s, [](const Xstats& stats) {
                return stats.contains("rx_q0_packets") && stats.at("rx_q0_packets") > 300;
            });
        }
        end(run);
    }

    std::vector<Xstats> counters;
    std::vector<std::string> links;
    std::string living_link;
    Xstats living;
};

using HostileRing = LooksAtRun<Breach, RingRun>;

// row: rx_ring_error
TEST_P(HostileRing, TakesThePortOutOfServiceAndACounterSaysWhy) {
    const std::size_t port = nic_of(kBreaches, GetParam());
    ASSERT_LT(port, run_.counters.size()) << run_.output;
    EXPECT_EQ(run_.links[port], "down") << run_.output;
    const std::string counter = GetParam().counter;
    std::uint64_t errors = 0;
    for (const auto& [name, value] : run_.counters[port]) {
        const bool counts = counter.empty() ? name.ends_with("_errors") : name == counter;
        errors += counts ? value : 0;
    }
    EXPECT_GE(errors, 1U) << counter;
}

INSTANTIATE_TEST_SUITE_P(EachBreach, HostileRing, ::testing::ValuesIn(kBreaches),
                         [](const auto& breach) { return std::string(breach.param.name); });

TEST(HostileRingAsAWhole, SaysTheReasonOfEachPortOnce) {
    const auto& text = the_run<RingRun>().output;
    std::size_t lines = 0;
    for (auto at = text.find("out of service"); at != std::string::npos;
         at = text.find("out of service", at + 1)) {
        ++lines;
    }
    EXPECT_EQ(lines, std::size(kBreaches));
}

TEST(HostileRingAsAWhole, TheApplicationAndTheOtherPortLive) {
    const auto& run = the_run<RingRun>();
    EXPECT_EQ(run.status, 0) << run.output;
    EXPECT_EQ(run.living_link, "up");
    ASSERT_TRUE(run.living.contains("rx_q0_packets"));
    EXPECT_GT(run.living.at("rx_q0_packets"), 300U);
}

}  // namespace
}  // namespace vmbus::test
