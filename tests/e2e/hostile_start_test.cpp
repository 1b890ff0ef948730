// A host that answers the hand-shake with nonsense, each of fifteen NICs in another way, all under
// one testpmd: a NIC that cannot be used is not probed, and a line says why; one that can, is.
#include <gtest/gtest.h>

#include <ostream>

#include "support/hostile_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

struct Answer {
    const char* name;
    const char* step;
    const char* doing;  ///< what the driver says it was doing; nullptr: the port comes up
};

void PrintTo(const Answer& answer, std::ostream* stream) {
    *stream << answer.name;
}

constexpr Answer kAnswers[] = {
    {"N09_NoAnswerAtAll", R"("what": "lost_completion", "on": "init", "count": "forever")",
     "agreeing on an NVSP version"},
    {"N10_InitCompleteTooShort", R"("what": "short_completion", "on": "init", "count": "forever")",
     "agreeing on an NVSP version"},
    {"N11_InitCompleteWithFailure",
     R"("what": "bad_answer", "on": "init", "offset": 12, "value": 2, "count": "forever")",
     "agreeing on an NVSP version"},
    {"N11_TwoSectionsInTheReceiveBuffer",
     R"("what": "bad_answer", "on": "receive_buffer", "offset": 8, "value": 2)",
     "sharing the receive buffer"},
    {"N11_SectionThatStartsElsewhere",
     R"("what": "bad_answer", "on": "receive_buffer", "offset": 12, "value": 4096)",
     "sharing the receive buffer"},
    {"N11_PiecesSmallerThanAFrame",
     R"("what": "bad_answer", "on": "receive_buffer", "offset": 16, "value": 64)",
     "sharing the receive buffer"},
    {"N11_MorePiecesThanFit",
     R"("what": "bad_answer", "on": "receive_buffer", "offset": 20, "value": 4294967295)",
     "sharing the receive buffer"},
    {"N11_NoPieces", R"("what": "bad_answer", "on": "receive_buffer", "offset": 20, "value": 0)",
     "sharing the receive buffer"},
    {"N11_SectionsWithoutBytes",
     R"("what": "bad_answer", "on": "send_buffer", "offset": 8, "value": 0)",
     "sharing the send buffer"},
    {"N11_SectionsLargerThanTheBuffer",
     R"("what": "bad_answer", "on": "send_buffer", "offset": 8, "value": 2147483648)",
     "sharing the send buffer"},
    {"N14_FunctionBeforeRndis", R"("what": "vf_association", "on": "receive_buffer")", nullptr},
    {"N21_AlignmentBeyondTheWord",
     R"("what": "bad_reply", "on": "initialize", "offset": 40, "value": 40)", "initialising RNDIS"},
    {"N21_NoPacketsPerMessage",
     R"("what": "bad_reply", "on": "initialize", "offset": 32, "value": 0)", "initialising RNDIS"},
    {"N21_ReplyTooShort",
     R"("what": "short_reply", "on": "query", "oid": "0x01010101", "value": 20)",
     "asking for the MAC address"},
    {"N21_MulticastMac",
     R"("what": "bad_reply", "on": "query", "oid": "0x01010101", "offset": 24, "value": 4294967295)",
     "asking for the MAC address"},
};

struct StartRun : HostileRun {
    StartRun() {
        TestpmdSession run(
            {.nics = std::vector<std::string>(std::size(kAnswers) + 1,
                                              "port=gen:rate=2000,ring=64K,recv=1M,send=512K"),
             .fault = one_step_for_each_nic(kAnswers),
             .testpmd = {"--port-topology=loop", "--rxd=128", "--txd=128"}});
        forwards = run.forwards();
        end(run);
    }
    /// The lines of the driver about one NIC, which EAL names by its instance.
    std::string said_of(std::size_t nic) const {
        const std::string id = host.at("nics")[nic].at("id");
        std::string lines;
        for (auto at = output.find(id); at != std::string::npos; at = output.find(id, at + 1)) {
            lines += output.substr(at, output.find('\n', at) - at) + "\n";
        }
        return lines;
    }
};

using HostileStart = LooksAtRun<Answer, StartRun>;

TEST_P(HostileStart, IsRefusedWithItsReasonOrDoesNoHarm) {
    ASSERT_TRUE(run_.host.contains("nics")) << run_.output;
    const std::size_t nic = nic_of(kAnswers, GetParam());
    const auto& host = run_.host["nics"][nic];
    EXPECT_GE(host.at("faults"), 1);
    EXPECT_EQ(host.at("channels")[0].at("rx_packets") > 0, GetParam().doing == nullptr);
    if (GetParam().doing != nullptr) {
        EXPECT_NE(run_.said_of(nic).find(GetParam().doing), std::string::npos) << run_.output;
    }
}

INSTANTIATE_TEST_SUITE_P(EachAnswer, HostileStart, ::testing::ValuesIn(kAnswers),
                         [](const auto& answer) { return std::string(answer.param.name); });

TEST(HostileStartAsAWhole, TheGoodNicForwards) {
    const auto& run = the_run<StartRun>();
    EXPECT_TRUE(run.forwards);
    EXPECT_EQ(run.status, 0) << run.output;
    EXPECT_GT(run.host.at("nics")[std::size(kAnswers)].at("channels")[0].at("rx_packets"), 0);
}

}  // namespace
}  // namespace vmbus::test
