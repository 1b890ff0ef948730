#include "host/recorded_questions.hpp"

#include <algorithm>

namespace vmbus::host {
namespace {

/// Whose it is, who then does not wait for it any more; nullptr: nobody's.
template <class Id>
RecordedAnswer* take(std::map<Id, RecordedAnswer*>& waiting, const Id& id) {
    const auto found = waiting.find(id);
    if (found == waiting.end()) {
        return nullptr;
    }
    RecordedAnswer* const answer = found->second;
    waiting.erase(found);
    return answer;
}

}  // namespace

void QuestionsRead::opened() {
    ++openings_;
    uncompleted_.clear();
    unanswered_.clear();
}

bool QuestionsRead::take_question(RecordedAnswers& answers, const RecordedStep& step) {
    const auto parts = parts_of(step.packet);
    const MessageKind kind = kind_of(step);
    const auto request = base::try_load<std::uint32_t>(step.data, kRequestIdOffset);
    if (!parts || !kind.is_query() || !request) {
        return false;
    }
    auto& same = answers[{.opening = openings_, .channel = step.channel, .oid = kind.oid}];
    RecordedAnswer& answer = same.emplace_back(RecordedAnswer{.question = step});
    uncompleted_[{step.channel, parts->descriptor.transaction_id}] = &answer;
    unanswered_[*request] = &answer;
    return true;
}

bool QuestionsRead::take_answer(std::uint16_t channel, base::Bytes packet, base::Bytes data) {
    const auto parts = parts_of(packet);
    if (parts && parts->type() == wire::PacketType::kCompletion) {
        auto* const answer =
            take(uncompleted_, PacketOfChannel{channel, parts->descriptor.transaction_id});
        if (answer != nullptr) {
            answer->completion.assign(packet.begin(), packet.end());
        }
        return answer != nullptr;
    }
    const auto request = reply_to(data);
    auto* const answer = parts && request ? take(unanswered_, *request) : nullptr;
    if (answer != nullptr) {
        answer->reply.assign(packet.begin(), packet.end());
        answer->reply_data.assign(data.begin(), data.end());
    }
    return answer != nullptr;
}

const RecordedAnswer* QuestionsAsked::ask(std::uint16_t channel, std::uint32_t oid) {
    const auto same = answers_.find({.opening = opening_, .channel = channel, .oid = oid});
    if (same == answers_.end()) {
        return nullptr;
    }
    const std::size_t time = times_asked_[same->first]++;
    return &same->second[std::min(time, same->second.size() - 1)];
}

std::vector<const RecordedStep*> QuestionsAsked::left_out() const {
    std::vector<const RecordedStep*> questions;
    for (const auto& [key, answers] : answers_) {
        if (key.opening == opening_ && !times_asked_.contains(key)) {
            questions.push_back(&answers.front().question);
        }
    }
    return questions;
}

}  // namespace vmbus::host
