// The QUERYs of a record, with what the host said to them. Guests ask some by the clock, so they
// are no steps: they are kept by what they are about, and answered whenever the same is asked.
// QuestionsRead takes them out of a record that comes in; QuestionsAsked finds the answers for
// another guest. Host thread only. Docs: docs/emulator.md, "Replay".
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "host/recorded_step.hpp"

namespace vmbus::host {

/// A QUERY and what the host said to it; empty where it said nothing.
struct RecordedAnswer {
    RecordedStep question;
    std::vector<std::byte> completion{};
    std::vector<std::byte> reply{};
    std::vector<std::byte> reply_data{};
};
/// In which opening of the device, from 1, on which channel, about what.
struct QuestionKey {
    std::size_t opening = 0;
    std::uint16_t channel = 0;
    std::uint32_t oid = 0;

    auto operator<=>(const QuestionKey&) const = default;
};
using RecordedAnswers = std::map<QuestionKey, std::deque<RecordedAnswer>>;

/// Of one NIC, while its records come in.
class QuestionsRead {
public:
    /// The guest opened the device: what it asked before is not answered any more.
    void opened();
    /// Keeps what the guest asked in that step. False: its packet is no QUERY.
    bool take_question(RecordedAnswers& answers, const RecordedStep& step);
    /// A completion of a QUERY, or the reply to it. False when it is none.
    bool take_answer(std::uint16_t channel, base::Bytes packet, base::Bytes data);

private:
    using PacketOfChannel = std::pair<std::uint16_t, std::uint64_t>;

    std::size_t openings_ = 0;
    std::map<PacketOfChannel, RecordedAnswer*> uncompleted_;  ///< by id of the packet
    std::map<std::uint32_t, RecordedAnswer*> unanswered_;     ///< by id of the request
};

/// Of one NIC, while its record is played.
class QuestionsAsked {
public:
    /// `answers` outlive it.
    explicit QuestionsAsked(const RecordedAnswers& answers) noexcept : answers_(answers) {}

    void opened() noexcept { ++opening_; }
    /// The answer to a QUERY: what the recorded guest was told when it asked the same for the same
    /// time, or for the last. nullptr: it never did.
    const RecordedAnswer* ask(std::uint16_t channel, std::uint32_t oid);
    /// What the recorded guest asked in this opening, and this one did not.
    std::vector<const RecordedStep*> left_out() const;

private:
    const RecordedAnswers& answers_;
    std::size_t opening_ = 0;
    std::map<QuestionKey, std::size_t> times_asked_;
};

}  // namespace vmbus::host
