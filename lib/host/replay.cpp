#include "host/replay.hpp"

#include <algorithm>
#include <cassert>

namespace vmbus::host {

Replay::Input& Replay::add_input(std::uint64_t frames) {
    flow_.to_replay += frames;
    return inputs_.emplace_back();
}

void Replay::input_finished() noexcept {
    ++finished_inputs_;
    assert(finished_inputs_ <= inputs_.size());
}

std::uint64_t Replay::in_flight() const noexcept {
    const std::uint64_t accounted = flow_.sent_by_guests + flow_.not_returned;
    return flow_.replayed - std::min(flow_.replayed, accounted);
}

std::chrono::nanoseconds Replay::guest_ran() const noexcept {
    return guest_time_ ? guest_time_() : clock_().time_since_epoch();
}

void Replay::filter_opened() noexcept {
    opened_ = last_progress_ = clock_();
    ran_when_opened_ = guest_ran();
    settled_ = false;
}

/// Guests are asked only until they have settled: it takes a system call.
bool Replay::settled(TimePoint now) noexcept {
    const auto passed = now - opened_;
    settled_ = settled_ || passed >= kSettleAtMost ||
               (passed >= kSettle && guest_ran() - ran_when_opened_ >= kSettleRunning);
    return settled_;
}

std::size_t Replay::room() noexcept {
    const auto now = clock_();
    if (!settled(now)) {
        return 0;
    }
    const std::uint64_t held = in_flight();
    if (held < kWindow) {
        return static_cast<std::size_t>(kWindow - held);
    }
    if (now - last_progress_ < kPatience || waits_for_the_slow(now)) {
        return 0;
    }
    flow_.not_returned += held;
    return kWindow;
}

/// Whether any guest may yet take what it was given.
bool Replay::waits_for_the_slow(TimePoint now) const noexcept {
    return std::any_of(inputs_.begin(), inputs_.end(), [now](const Input& input) {
        return input.held > 0 && now - input.moved < kPatienceWithTheSlow;
    });
}

void Replay::guest_holds(Input& input, std::size_t pieces) noexcept {
    if (pieces == input.held) {
        return;
    }
    if (pieces < input.held || input.held == 0) {
        input.moved = last_progress_ = clock_();
    }
    input.held = pieces;
}

void Replay::replayed(std::size_t frames) noexcept {
    if (frames > 0) {
        flow_.replayed += frames;
        last_progress_ = clock_();
    }
}

void Replay::guest_sent(std::size_t frames) noexcept {
    if (frames == 0) {
        return;
    }
    flow_.sent_by_guests += frames;
    // Guests return frames in order: what comes first is what had been given up. Were it taken for
    // newer frames, the window would let in more than it bounds.
    flow_.not_returned -= std::min<std::uint64_t>(flow_.not_returned, frames);
    last_progress_ = clock_();
}

bool Replay::done() const noexcept {
    return active() && finished_inputs_ == inputs_.size() && flow_.sent_by_guests >= flow_.replayed;
}

}  // namespace vmbus::host
