#include "host/outbox.hpp"

#include <gtest/gtest.h>

#include "support/flat_ring.hpp"
#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Fault;
using host::Outbox;
using support::receive;

class OutboxTest : public testing::Test {
protected:
    void SetUp() override { sections.attach(memory); }
    /// Ids of what arrived.
    std::vector<std::uint64_t> arrived() {
        std::vector<std::uint64_t> ids;
        while (const auto packet = receive(reader)) ids.push_back(packet->transaction_id);
        reader.release();
        return ids;
    }
    void complete(std::uint64_t id, std::uint32_t section = wire::kNoSendSection) {
        outbox.complete_rndis(id, wire::NvspStatus::kSuccess, section);
    }
    void script(Fault what, std::uint64_t after = 0) {
        faults = host::FaultEngine({{what, after, 1}});
    }

    support::FlatRing ring{4096};
    support::CountingInterrupt interrupt;
    host::Counters counters;
    host::FaultEngine faults;
    host::SendBuffer sections;
    std::vector<std::byte> memory = std::vector<std::byte>(4 * 6144);
    Outbox outbox{ring.view(), sections, interrupt, counters, faults};
    ring::Reader reader{ring.view(), ring::FooterCheck::kStrict};
};

TEST_F(OutboxTest, SendsCompletionsTogetherWithOneInterrupt) {
    for (std::uint64_t id = 1; id <= 10; ++id) complete(id);
    EXPECT_TRUE(arrived().empty());
    EXPECT_TRUE(outbox.flush());
    EXPECT_EQ(arrived().size(), 10U);
    EXPECT_EQ(interrupt.raised, 1);
    EXPECT_EQ(counters.completions_sent, 10U);
}

TEST_F(OutboxTest, PadsPayloadToMessageSize) {
    outbox.complete(1, support::text("12345678"));
    outbox.complete(2, {});
    outbox.set_message_bytes(40);
    outbox.complete(3, support::text("12345678"));
    outbox.complete_sized(4, support::text("12345678"), 32);
    outbox.flush();
    for (const std::size_t bytes : {32U, 0U, 40U, 32U}) {
        EXPECT_EQ(receive(reader)->payload.size(), bytes);
    }
}

TEST_F(OutboxTest, KeepsWhatDoesNotFitAndOrder) {
    for (std::uint64_t id = 0; id < 200; ++id) complete(id);
    outbox.flush();
    EXPECT_GT(outbox.waiting(), 0U);
    EXPECT_GT(ring.page().pending_send_size.load_relaxed(), 0U);
    auto ids = arrived();
    while (outbox.flush()) {
        const auto more = arrived();
        ids.insert(ids.end(), more.begin(), more.end());
    }
    ASSERT_EQ(ids.size(), 200U);
    for (std::uint64_t id = 0; id < 200; ++id) EXPECT_EQ(ids[id], id);
    EXPECT_EQ(ring.page().pending_send_size.load_relaxed(), 0U);
}

TEST_F(OutboxTest, OtherPacketsDoNotOvertakeCompletions) {
    for (std::uint64_t id = 0; id < 200; ++id) complete(id);
    outbox.flush();
    EXPECT_FALSE(outbox.send({.transaction_id = 999}));
    EXPECT_EQ(outbox.room_in_ring(), 0U);
}

TEST_F(OutboxTest, MayNotSleepWhenThereIsRoomAgain) {
    for (std::uint64_t id = 0; id < 200; ++id) complete(id);
    outbox.flush();
    EXPECT_TRUE(outbox.may_sleep());
    arrived();
    EXPECT_FALSE(outbox.may_sleep());
}

TEST_F(OutboxTest, GivesSectionBackWhenCompletionIsInRing) {
    host::Violation why{};
    sections.take(2, 8, why);
    complete(1, 2);
    EXPECT_TRUE(sections.in_flight(2));
    outbox.flush();
    EXPECT_FALSE(sections.in_flight(2));
}

TEST_F(OutboxTest, BreaksAtForgedReadIndex) {
    ring.page().out.store_relaxed(3);
    for (std::uint64_t id = 0; id < 200; ++id) complete(id);
    outbox.flush();
    EXPECT_TRUE(outbox.broken());
    EXPECT_FALSE(outbox.flush());
}

TEST_F(OutboxTest, FaultLosesOneCompletion) {
    script(Fault::kLostCompletion, 1);
    for (std::uint64_t id = 0; id < 4; ++id) complete(id);
    outbox.flush();
    EXPECT_EQ(arrived(), (std::vector<std::uint64_t>{0, 2, 3}));
}

TEST_F(OutboxTest, FaultDoublesOneCompletion) {
    script(Fault::kDuplicateCompletion, 1);
    for (std::uint64_t id = 0; id < 3; ++id) complete(id);
    outbox.flush();
    EXPECT_EQ(arrived(), (std::vector<std::uint64_t>{0, 1, 1, 2}));
}

TEST_F(OutboxTest, FaultForgesOneCompletion) {
    script(Fault::kForgedCompletion);
    complete(1);
    outbox.flush();
    const auto ids = arrived();
    ASSERT_EQ(ids.size(), 2U);
    EXPECT_EQ(ids[0], 1U);
    EXPECT_NE(ids[1], 1U);
}

TEST_F(OutboxTest, FaultHoldsOneCompletionBack) {
    script(Fault::kLateCompletion);
    complete(1);
    complete(2);
    outbox.flush();
    EXPECT_EQ(arrived(), (std::vector<std::uint64_t>{2}));
    for (unsigned turn = 1; turn < 1000U; ++turn) {
        ASSERT_TRUE(outbox.begin_turn());
    }
    EXPECT_FALSE(outbox.begin_turn());
    outbox.flush();
    EXPECT_EQ(arrived(), (std::vector<std::uint64_t>{1}));
}

TEST_F(OutboxTest, FaultLetsOneCompletionBeOvertaken) {
    script(Fault::kReorderedCompletion);
    for (std::uint64_t id = 1; id <= 3; ++id) complete(id);
    outbox.begin_turn();
    outbox.flush();
    EXPECT_EQ(arrived(), (std::vector<std::uint64_t>{2, 3, 1}));
}

TEST_F(OutboxTest, FaultsSpoilWhatACompletionSays) {
    faults = host::FaultEngine({{.what = Fault::kFailedCompletion},
                                {.what = Fault::kWrongCompletion, .after = 1},
                                {.what = Fault::kShortCompletion, .after = 2}});
    for (std::uint64_t id = 1; id <= 3; ++id) complete(id);
    outbox.flush();
    EXPECT_EQ(base::load_at<std::uint32_t>(receive(reader)->payload, 4), 2U);
    EXPECT_EQ(base::load_at<std::uint32_t>(receive(reader)->payload, 0), 132U);
    EXPECT_EQ(receive(reader)->payload.size(), 8U);
}

TEST_F(OutboxTest, FaultsSpoilOnlyTheAnswerThatTheScriptNames) {
    faults = host::FaultEngine({{.what = Fault::kBadAnswer,
                                 .on = host::Subject::kReceiveBuffer,
                                 .value = 9,
                                 .offset = 8}});
    const auto answer = support::nvsp(wire::NvspSendReceiveBufferComplete{102, 1, 1, 0, 0, 0, 0});
    complete(1);
    outbox.complete(2, answer);
    outbox.flush();
    EXPECT_EQ(base::load_at<std::uint32_t>(receive(reader)->payload, 8), 0U);
    EXPECT_EQ(base::load_at<std::uint32_t>(receive(reader)->payload, 8), 9U);
}

TEST_F(OutboxTest, FaultsSpoilPacketAndIndex) {
    const std::pair<Fault, ring::PacketError> cases[] = {
        {Fault::kBadLength, ring::PacketError::kBadLengths},
        {Fault::kUnknownPacketType, ring::PacketError::kBadType},
        {Fault::kBadIndex, ring::PacketError::kBadIndex}};
    for (const auto& [fault, error] : cases) {
        support::FlatRing fresh{4096};
        host::FaultEngine one({{fault, 0, 1}});
        Outbox bad(fresh.view(), sections, interrupt, counters, one);
        ring::Reader victim(fresh.view());
        bad.complete_rndis(1, wire::NvspStatus::kSuccess, wire::kNoSendSection);
        bad.flush();
        EXPECT_FALSE(receive(victim));
        EXPECT_EQ(victim.error(), error);
    }
}

TEST_F(OutboxTest, APacketThatIsSentAsItIsMayContradictItself) {
    std::vector<std::byte> packet(24, std::byte{0xFF});
    ASSERT_TRUE(outbox.send_as_is(packet));
    std::vector<std::byte> there(24);
    ring.view().copy_out(0, there);
    EXPECT_EQ(there, packet);
    EXPECT_EQ(ring.in(), 32U);
    ring::PacketView view;
    EXPECT_FALSE(reader.poll() && reader.next(view));
    EXPECT_EQ(interrupt.raised, 1);
}

TEST_F(OutboxTest, NothingIsSentAsItIsBeforeWhatWaits) {
    complete(1);
    EXPECT_FALSE(outbox.send_as_is(std::vector<std::byte>(24)));
    outbox.flush();
    EXPECT_TRUE(outbox.send_as_is(std::vector<std::byte>(24)));
}

}  // namespace
}  // namespace vmbus
