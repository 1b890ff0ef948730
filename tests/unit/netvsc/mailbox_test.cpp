#include "net/netvsc/control/mailbox.hpp"

#include <gtest/gtest.h>

#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

Message completion(wire::NvspStatus status) {
    return nvsp(wire::NvspSendRndisPacketComplete{
        .type = raw(wire::NvspType::kSendRndisPacketComplete), .status = raw(status)});
}

bool reply(Mailbox& mailbox, std::uint32_t request_id) {
    const Message message = rndis([&](base::MutableBytes out) {
        return codec::encode_status_complete(out, wire::RndisType::kSetComplete, request_id,
                                             wire::RndisStatus::kSuccess);
    });
    codec::Completion decoded;
    EXPECT_EQ(codec::decode_completion(message, decoded), codec::RndisError::kNone);
    return mailbox.on_reply(message, decoded);
}

TEST(Mailbox, NvspAnswerIsThePayloadOfItsCompletion) {
    Mailbox mailbox;
    const auto id = mailbox.begin(Mailbox::Kind::kNvsp);
    ASSERT_TRUE(mailbox.on_completion(*id, completion(wire::NvspStatus::kSuccess)));
    ASSERT_EQ(mailbox.state(), Mailbox::kAnswered);
    EXPECT_EQ(bytes(mailbox.answer()), completion(wire::NvspStatus::kSuccess));
}

TEST(Mailbox, CompletionForAnIdNeverGivenOutMatchesNothing) {
    Mailbox mailbox;
    const auto id = mailbox.begin(Mailbox::Kind::kNvsp);
    EXPECT_FALSE(mailbox.on_completion(*id + 1, {}));
    EXPECT_FALSE(mailbox.on_completion(*id + 0x10000, {}));
    EXPECT_EQ(mailbox.state(), Mailbox::kWaiting);
}

TEST(Mailbox, SecondCompletionOfTheSameIdMatchesNothing) {
    Mailbox mailbox;
    const auto id = mailbox.begin(Mailbox::Kind::kNvsp);
    EXPECT_TRUE(mailbox.on_completion(*id, {}));
    EXPECT_FALSE(mailbox.on_completion(*id, {}));
}

TEST(Mailbox, LateAnswerToARequestThatWasGivenUpIsNotThatOfTheNext) {
    Mailbox mailbox;
    const auto late = mailbox.begin(Mailbox::Kind::kNvsp);
    mailbox.cancel();
    mailbox.begin(Mailbox::Kind::kNvsp);
    EXPECT_TRUE(mailbox.on_completion(*late, completion(wire::NvspStatus::kSuccess)));
    EXPECT_EQ(mailbox.state(), Mailbox::kWaiting);
}

TEST(Mailbox, ReplyThatNobodyWantsIsPassedOverOnce) {
    Mailbox mailbox;
    mailbox.begin_unawaited(7);
    mailbox.begin(Mailbox::Kind::kRndis, 8);
    EXPECT_TRUE(reply(mailbox, 7));
    EXPECT_EQ(mailbox.state(), Mailbox::kWaiting);
    EXPECT_FALSE(reply(mailbox, 7)) << "nobody asked for another";
}

TEST(Mailbox, ReplyThatIsThereAlreadyLeavesNothingToPassOver) {
    Mailbox mailbox;
    mailbox.begin_unawaited(7);
    EXPECT_TRUE(reply(mailbox, 7));
    EXPECT_EQ(mailbox.state(), Mailbox::kIdle) << "nobody waits";
    EXPECT_FALSE(reply(mailbox, 7));
}

TEST(Mailbox, MessageWithoutAReplyHasNoneToPassOver) {
    Mailbox mailbox;
    mailbox.begin_unawaited(std::nullopt);
    EXPECT_FALSE(reply(mailbox, 0));
}

TEST(Mailbox, RndisAnswerIsTheReplyAndNotTheCompletion) {
    Mailbox mailbox;
    const auto id = mailbox.begin(Mailbox::Kind::kRndis, 7);
    EXPECT_TRUE(mailbox.on_completion(*id, completion(wire::NvspStatus::kSuccess)));
    EXPECT_EQ(mailbox.state(), Mailbox::kWaiting);
    EXPECT_TRUE(reply(mailbox, 7));
    EXPECT_EQ(mailbox.state(), Mailbox::kAnswered);
}

TEST(Mailbox, ReplyToAnotherRequestIsNotOurs) {
    Mailbox mailbox;
    mailbox.begin(Mailbox::Kind::kRndis, 7);
    EXPECT_FALSE(reply(mailbox, 6));
    EXPECT_EQ(mailbox.state(), Mailbox::kWaiting);
}

TEST(Mailbox, LateReplyDoesNotTouchAnAnswerThatIsBeingRead) {
    Mailbox mailbox;
    mailbox.begin(Mailbox::Kind::kRndis, 7);
    EXPECT_TRUE(reply(mailbox, 7));
    const Message first = bytes(mailbox.answer());
    EXPECT_FALSE(reply(mailbox, 7));
    EXPECT_EQ(bytes(mailbox.answer()), first);
}

TEST(Mailbox, RefusedRequestIsNotWaitedFor) {
    Mailbox mailbox;
    const auto id = mailbox.begin(Mailbox::Kind::kRndis, 7);
    mailbox.on_completion(*id, completion(wire::NvspStatus::kFailure));
    EXPECT_EQ(mailbox.state(), Mailbox::kRefused);
}

TEST(Mailbox, EmptyCompletionOfAnRndisRequestIsARefusal) {
    Mailbox mailbox;
    const auto id = mailbox.begin(Mailbox::Kind::kRndis, 7);
    mailbox.on_completion(*id, {});
    EXPECT_EQ(mailbox.state(), Mailbox::kRefused);
}

TEST(Mailbox, CancelledRequestKeepsItsSectionUntilTheHostGivesItBack) {
    Mailbox mailbox;
    for (std::uint32_t i = 0; i < kControlSlots; ++i) {
        ASSERT_TRUE(mailbox.begin(Mailbox::Kind::kRndis, i));
        mailbox.cancel();
    }
    EXPECT_FALSE(mailbox.begin(Mailbox::Kind::kRndis, 9));
}

}  // namespace
}  // namespace vmbus::netvsc::test
