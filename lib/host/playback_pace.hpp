// PlaybackPace: what the NICs of a recording have in common while it is played: how far the guests
// are, and when anything last moved. A host that hands frames to a forwarder sooner or faster than
// the recorded one did would drive it to drop some.
// Owned by the machine; host thread only. Time comes from outside, so that tests need none.
#pragma once

#include <chrono>
#include <cstdint>

namespace vmbus::host {

class PlaybackPace {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Clock = TimePoint (*)();

    /// Guests that have sent fewer frames than the recorded ones, and nothing for so long, are not
    /// waited for.
    static constexpr auto kPatience = std::chrono::seconds(1);

    explicit PlaybackPace(Clock clock) noexcept : clock_(clock), last_moved_(clock()) {}

    TimePoint now() const noexcept { return clock_(); }
    TimePoint last_moved() const noexcept { return last_moved_; }
    TimePoint last_step() const noexcept { return last_step_; }
    void moved() noexcept { last_moved_ = now(); }
    /// A step on any NIC.
    void stepped() noexcept { last_step_ = last_moved_ = now(); }
    /// So many steps of guests are over, one way or the other.
    void add_requests(std::uint64_t requests) noexcept { requests_ += requests; }
    std::uint64_t requests_done() const noexcept { return requests_; }
    void sent(std::uint64_t frames) noexcept {
        sent_ += frames;
        moved();
    }

    std::uint64_t sent() const noexcept { return sent_; }
    /// Whether guests have sent so many frames, or seem not to.
    bool reached(std::uint64_t frames) noexcept {
        if (sent_ + missing_ < frames && now() - last_moved_ > kPatience) {
            missing_ = frames - sent_;
        }
        return sent_ + missing_ >= frames;
    }

private:
    const Clock clock_;
    TimePoint last_moved_;
    TimePoint last_step_{};
    std::uint64_t requests_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t missing_ = 0;  ///< frames that are not waited for any more
};

}  // namespace vmbus::host
