#include "host/playback.hpp"

#include <algorithm>

#include "wire/nvsp.hpp"

namespace vmbus::host {
namespace {

using wire::PacketType;

constexpr std::size_t kBehindRequestId = kRequestIdOffset + sizeof(std::uint32_t);

std::uint32_t request_id_of(base::Bytes message) noexcept {
    return base::try_load<std::uint32_t>(message, kRequestIdOffset).value_or(0);
}

std::string record_words(const RecordedStep& step) {
    return "record " + std::to_string(step.number) + ": ";
}

}  // namespace

// ---- What the guest does.

bool Playback::opened() {
    const bool expected = at_ < steps().size() && steps()[at_].kind == RecordKind::kOpened &&
                          steps()[at_].channel == 0;
    if (!expected) {
        note("the guest opens the device once more than the recorded one");
        lost_ = true;
        return false;
    }
    channels_ = 1;
    questions_.opened();
    step_done();
    return true;
}

void Playback::closed() {
    const std::size_t end = end_of_opening();
    const RecordedStep* const missing = next_request(at_);
    if (missing != nullptr && !lost_) {
        note(record_words(*missing) + "expected " + to_string(kind_of(*missing)) +
             ", the guest closes the device");
    } else if (!lost_) {
        note_questions_left_out();
    }
    while (at_ < std::min(end + 1, steps().size())) {
        step_done();
    }
    due_.reset();
    answers_.clear();
    answering_ = false;
    channels_ = 0;
    lent_ = {};
    asked_.clear();
    ids_.clear();
    rndis_requests_.clear();
}

void Playback::asked(std::uint16_t channel, const PacketParts& packet, base::Bytes data) {
    const MessageKind kind = kind_of_message(packet.payload, data);
    pace_.moved();
    if (kind.nvsp == static_cast<std::uint32_t>(wire::NvspType::kSendReceiveBuffer)) {
        receive_id_ =
            base::try_load<std::uint16_t>(packet.payload, offsetof(wire::NvspSendReceiveBuffer, id))
                .value_or(0);
    }
    Asked asked{.channel = channel,
                .id = packet.descriptor.transaction_id,
                .kind = kind,
                .payload = {packet.payload.begin(), packet.payload.end()},
                .data = {data.begin(), data.end()}};
    if (answer(asked)) {
        return;
    }
    if (!lost_ && !comes(channel, kind)) {
        const RecordedStep* const expected = next_request(at_);
        note((expected == nullptr
                  ? std::string("expected nothing more")
                  : record_words(*expected) + "expected " + to_string(kind_of(*expected))) +
             ", got " + to_string(kind));
        lost_ = true;
    }
    asked_.push_back(std::move(asked));
}

/// False when it is no QUERY, or none that the recorded guest asked.
bool Playback::answer(const Asked& asked) {
    const bool may = !lost_ && asked.kind.is_query();
    const auto* const answer = may ? questions_.ask(asked.channel, asked.kind.oid) : nullptr;
    if (answer == nullptr) {
        return false;
    }
    compare(answer->question, asked);
    const PlayedIds ids{
        .packet = asked.id, .request = request_id_of(asked.data), .receive_buffer = receive_id_};
    if (!answer->completion.empty()) {
        answers_.push_back(played_packet(asked.channel, answer->completion, {}, ids));
    }
    if (!answer->reply.empty()) {
        answers_.push_back(played_packet(asked.channel, answer->reply, answer->reply_data, ids));
    }
    return true;
}

void Playback::returned(std::uint64_t id) {
    pace_.moved();
    lent_.give_back(id);  // a message without ranges lent nothing
}

void Playback::sent(base::Bytes frame) {
    frames_.add(frame);
    pace_.sent(1);
}

// ---- What the host does.

const PlayedPacket* Playback::due(std::size_t channels) {
    if (!due_ && !answers_.empty() && !lent_.overlap(answers_.front().ranges)) {
        due_ = std::move(answers_.front());
        answers_.pop_front();
        answering_ = true;
    }
    while (!due_ && !lost_ && at_ < steps().size() && advance(channels)) {
    }
    return due_ ? &*due_ : nullptr;
}

/// Takes one step, or has something to say. False when it has to wait.
bool Playback::advance(std::size_t channels) {
    const RecordedStep& step = steps()[at_];
    bool done = false;
    switch (step.kind) {
        case RecordKind::kNic: break;
        case RecordKind::kOpened:
            channels_ = std::size_t{step.channel} + 1;
            done = channels >= channels_;
            break;
        case RecordKind::kClosed: done = step.channel != 0; break;  // with the primary
        case RecordKind::kFromGuest: done = was_asked(step); break;
        case RecordKind::kToGuest: return prepare(step);
    }
    if (done) {
        step_done();
    }
    return done;
}

/// The guest has asked what the recorded one asked, maybe among other things.
bool Playback::was_asked(const RecordedStep& step) {
    const auto parts = parts_of(step.packet);
    const MessageKind wanted = kind_of(step);
    const auto found = std::find_if(asked_.begin(), asked_.end(), [&](const Asked& asked) {
        return asked.channel == step.channel && asked.kind == wanted;
    });
    if (!parts || found == asked_.end()) {
        return false;
    }
    ids_[{step.channel, parts->descriptor.transaction_id}] = found->id;
    rndis_requests_[request_id_of(step.data)] = request_id_of(found->data);
    compare(step, *found);
    asked_.erase(found);
    return true;
}

/// Sections and ids are the guest's own affair.
void Playback::compare(const RecordedStep& step, const Asked& asked) {
    std::string difference;
    if (asked.kind.rndis != 0) {
        const std::size_t most = std::max(step.data.size(), asked.data.size());
        difference = difference_between(step.data, asked.data, 0, kRequestIdOffset) +
                     difference_between(step.data, asked.data, kBehindRequestId, most);
    } else if (const auto parts = parts_of(step.packet)) {
        const std::size_t both = std::min(parts->payload.size(), asked.payload.size());
        difference = difference_between(parts->payload, asked.payload, 0, both);
    }
    if (!difference.empty()) {
        note(record_words(step) + to_string(asked.kind) + difference);
    }
}

bool Playback::prepare(const RecordedStep& step) {
    const auto parts = parts_of(step.packet);
    if (!may_say(step, parts)) {
        return false;
    }
    const std::uint64_t recorded_id = parts ? parts->descriptor.transaction_id : 0;
    const auto id = ids_.find({step.channel, recorded_id});
    const std::uint32_t recorded_request = request_id_of(step.data);
    const auto request = rndis_requests_.find(recorded_request);
    auto due = played_packet(
        step.channel, step.packet, step.data,
        {.packet = id == ids_.end() ? recorded_id : id->second,
         .request = request == rndis_requests_.end() ? recorded_request : request->second,
         .receive_buffer = receive_id_});
    if (lent_.overlap(due.ranges) && !move_from_lent(due, lent_, nic_.spec.recv)) {
        return false;
    }
    due_ = std::move(due);
    return true;
}

bool Playback::may_say(const RecordedStep& step, const std::optional<PacketParts>& parts) {
    if (!parts || parts->type() == PacketType::kCompletion) {
        return true;
    }
    const auto pause = std::min<std::chrono::nanoseconds>(step.since_before, kLongestPause);
    if (!reply_to(step.data) && pace_.now() - pace_.last_step() < pause) {
        return false;
    }
    const bool in_time =
        !kind_of(step).is_frames() ||
        (pace_.requests_done() >= step.guest_requests && pace_.reached(step.guest_frames));
    const bool patient = pace_.now() - pace_.last_moved() < kPatienceWithLoans;
    return in_time && !(patient && lent_.overlap(ranges_of(*parts)));
}

void Playback::said() {
    if (!due_->ranges.empty()) {
        lent_.lend(base::load_at<wire::PacketDescriptor>(due_->packet, 0).transaction_id,
                   due_->ranges);
    }
    due_.reset();
    if (!std::exchange(answering_, false)) {
        step_done();
    }
}

void Playback::step_done() noexcept {
    pace_.add_requests(steps()[at_].kind == RecordKind::kFromGuest ? 1 : 0);
    pace_.stepped();
    ++at_;
}

// ---- Where it is.

/// The primary's closing, or the end.
std::size_t Playback::end_of_opening() const noexcept {
    std::size_t end = at_;
    while (end < steps().size() &&
           (steps()[end].kind != RecordKind::kClosed || steps()[end].channel != 0)) {
        ++end;
    }
    return end;
}

/// Of the guest, in this opening; nullptr when none follows.
const RecordedStep* Playback::next_request(std::size_t from) const noexcept {
    const std::size_t end = end_of_opening();
    while (from < end && steps()[from].kind != RecordKind::kFromGuest) {
        ++from;
    }
    return from < end ? &steps()[from] : nullptr;
}

bool Playback::comes(std::uint16_t channel, const MessageKind& kind) const noexcept {
    const std::size_t end = end_of_opening();
    for (std::size_t i = at_; i < end; ++i) {
        if (steps()[i].kind == RecordKind::kFromGuest && steps()[i].channel == channel &&
            kind_of(steps()[i]) == kind) {
            return true;
        }
    }
    return false;
}

// ---- How it goes.

std::string Playback::waits_for() const {
    if (at_ == steps().size() || lost_) {
        return {};
    }
    const RecordedStep& step = steps()[at_];
    if (step.kind == RecordKind::kClosed && at_goodbye()) {
        return {};  // a guest that has ended has closed, whether or not that was seen
    }
    std::string what = pace_.requests_done() < step.guest_requests
                           ? "what the guest asked on other NICs"
                           : "the guest to return what it was lent";
    if (step.kind == RecordKind::kOpened) {
        what = "channel " + std::to_string(step.channel) + " to be opened";
    } else if (step.kind == RecordKind::kClosed) {
        what = "channel " + std::to_string(step.channel) + " to be closed";
    } else if (step.kind == RecordKind::kFromGuest) {
        what = to_string(kind_of(step)) + " of the guest";
        what += asked_.empty() ? "" : ", which sent " + to_string(asked_.front().kind);
    }
    return record_words(step) + "waits for " + what;
}

void Playback::note_questions_left_out() {
    for (const RecordedStep* const question : questions_.left_out()) {
        note(record_words(*question) + "expected " + to_string(kind_of(*question)) +
             ", which the guest did not ask");
    }
}

void Playback::note(std::string difference) {
    if (differences_.size() < kMostDifferences) {
        differences_.push_back(std::move(difference));
    } else {
        ++more_differences_;
    }
}

std::vector<std::string> Playback::differences() const {
    auto all = differences_;
    if (more_differences_ > 0) {
        all.push_back("and " + std::to_string(more_differences_) + " more");
    }
    const std::uint64_t missing = nic_.frames.not_in(frames_);
    const std::uint64_t others = frames_.not_in(nic_.frames);
    if (at_goodbye() && missing + others > 0) {
        all.push_back("of " + std::to_string(nic_.frames.total()) +
                      " frames that the recorded guest sent " + std::to_string(missing) +
                      " are missing; it sent " + std::to_string(others) + " others");
    }
    return all;
}

}  // namespace vmbus::host
