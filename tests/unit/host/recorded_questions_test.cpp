#include "host/recorded_questions.hpp"

#include <gtest/gtest.h>

#include "support/written_record.hpp"

namespace vmbus::host {
namespace {

using namespace support;

constexpr auto kSpeed = static_cast<std::uint32_t>(wire::Oid::kLinkSpeed);
constexpr auto kAddress = static_cast<std::uint32_t>(wire::Oid::kPermanentAddress);

/// The reply to a QUERY, which says `value`.
Bytes reply(std::uint32_t request, std::uint32_t value) {
    Bytes bytes(256);
    bytes.resize(codec::encode_query_complete(bytes, request, wire::RndisStatus::kSuccess,
                                              base::bytes_of(value)));
    return bytes;
}

class RecordedQuestions : public testing::Test {
protected:
    RecordedQuestions() { read.opened(); }

    bool ask(std::uint64_t id, std::uint32_t request, wire::Oid oid = wire::Oid::kLinkSpeed) {
        return read.take_question(answers, {.kind = RecordKind::kFromGuest,
                                            .packet = in_band(id, rndis_packet()),
                                            .data = query(request, oid)});
    }

    RecordedAnswers answers;
    QuestionsRead read;
};

TEST_F(RecordedQuestions, AreKeptWithTheirCompletionAndTheirReply) {
    EXPECT_TRUE(ask(7, 1));
    EXPECT_TRUE(read.take_answer(0, completion(7), {}));
    EXPECT_TRUE(read.take_answer(0, transfer(16, 0, 64), reply(1, 5)));
    const auto& kept = answers.at({1, 0, kSpeed}).at(0);
    EXPECT_EQ(kept.completion, completion(7));
    EXPECT_EQ(kept.reply, transfer(16, 0, 64));
    EXPECT_EQ(kept.reply_data, reply(1, 5));
}

TEST_F(RecordedQuestions, AreNoOtherRequests) {
    EXPECT_FALSE(read.take_question(answers, {.packet = in_band(1, init())}));
    EXPECT_FALSE(read.take_question(
        answers, {.packet = in_band(1, rndis_packet()), .data = set_filter(1, 13)}));
    EXPECT_TRUE(answers.empty());
}

TEST_F(RecordedQuestions, HaveOneAnswerEachAndOnTheirChannel) {
    ask(7, 1);
    EXPECT_FALSE(read.take_answer(1, completion(7), {}));
    EXPECT_FALSE(read.take_answer(0, completion(8), {}));
    EXPECT_TRUE(read.take_answer(0, completion(7), {}));
    EXPECT_FALSE(read.take_answer(0, completion(7), {}));
    EXPECT_FALSE(read.take_answer(0, transfer(16, 0, 64), reply(2, 5)));
}

TEST_F(RecordedQuestions, AreNotAnsweredAfterTheDeviceWasOpenedAnew) {
    ask(7, 1);
    read.opened();
    EXPECT_FALSE(read.take_answer(0, completion(7), {}));
    ask(7, 1);
    EXPECT_EQ(answers.size(), 2U) << "each opening has its own";
}

TEST_F(RecordedQuestions, AreAnsweredForTheSameTimeOrTheLast) {
    ask(7, 1);
    ask(8, 2);
    QuestionsAsked asked(answers);
    asked.opened();
    const auto& same = answers.at({1, 0, kSpeed});
    EXPECT_EQ(asked.ask(0, kSpeed), &same[0]);
    EXPECT_EQ(asked.ask(0, kSpeed), &same[1]);
    EXPECT_EQ(asked.ask(0, kSpeed), &same[1]);
    EXPECT_EQ(asked.ask(0, kAddress), nullptr);
    EXPECT_EQ(asked.ask(1, kSpeed), nullptr);
}

TEST_F(RecordedQuestions, ThatNobodyAskedAreLeftOut) {
    ask(7, 1);
    ask(8, 2, wire::Oid::kPermanentAddress);
    read.opened();
    ask(9, 3);
    QuestionsAsked asked(answers);
    asked.opened();
    asked.ask(0, kSpeed);
    const auto left_out = asked.left_out();
    ASSERT_EQ(left_out.size(), 1U) << "those of the next opening are not due yet";
    EXPECT_EQ(kind_of(*left_out[0]).oid, kAddress);
}

}  // namespace
}  // namespace vmbus::host
