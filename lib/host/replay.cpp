#include "host/replay.hpp"

#include <algorithm>
#include <cassert>

namespace vmbus::host {

void Replay::add_input(std::uint64_t frames) noexcept {
    ++inputs_;
    flow_.to_replay += frames;
}

void Replay::input_finished() noexcept {
    ++finished_inputs_;
    assert(finished_inputs_ <= inputs_);
}

std::uint64_t Replay::in_flight() const noexcept {
    const std::uint64_t accounted = flow_.sent_by_guests + flow_.not_returned;
    return flow_.replayed - std::min(flow_.replayed, accounted);
}

std::size_t Replay::room() noexcept {
    const auto now = clock_();
    if (now - opened_ < kSettle) {
        return 0;
    }
    const std::uint64_t held = in_flight();
    if (held < kWindow) {
        return static_cast<std::size_t>(kWindow - held);
    }
    if (now - last_progress_ < kPatience) {
        return 0;
    }
    flow_.not_returned += held;
    return kWindow;
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
    return active() && finished_inputs_ == inputs_ && flow_.sent_by_guests >= flow_.replayed;
}

}  // namespace vmbus::host
