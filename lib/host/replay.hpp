// Replay: what the pcap ports of one host have in common. It bounds how many replayed frames are in
// flight, because a forwarder such as testpmd drops what its tx_burst refuses, and it knows when
// everything that was replayed has come out again.
// Host thread only. Time comes from outside, so that tests need none.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

#include "host/port.hpp"

namespace vmbus::host {

class Replay {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Clock = TimePoint (*)();
    /// How long guests have run, all their threads together.
    using GuestTime = std::function<std::chrono::nanoseconds()>;

    /// Most frames that guests hold, over all NICs.
    static constexpr std::uint64_t kWindow = 256;
    /// A guest that has taken everything and returns nothing for so long (it only receives, say)
    /// gets the next window.
    static constexpr auto kPatience = std::chrono::milliseconds(50);
    /// One that has not even taken what it was given has no CPU now, and gets no more: that would
    /// be lost in what has no room for it. After so long without any of it, nobody reads there.
    static constexpr auto kPatienceWithTheSlow = std::chrono::seconds(5);
    /// From the last opening of a packet filter to the first frame. A program that opens its ports
    /// one after another, and throws away what came in meanwhile (testpmd does, unless it is told
    /// --no-flush-rx), is then ready.
    static constexpr auto kSettle = std::chrono::milliseconds(1000);
    /// In that second it has to have run for so long: on a busy machine it gets there later. One
    /// that sleeps until frames come does not run.
    static constexpr auto kSettleRunning = std::chrono::milliseconds(100);
    static constexpr auto kSettleAtMost = std::chrono::milliseconds(5000);

    explicit Replay(Clock clock) noexcept : clock_(clock), last_progress_(clock()) {}

    /// From now on. Without it guests are taken to run all the time.
    void watch(GuestTime guest_time) { guest_time_ = std::move(guest_time); }

    /// One of the ports that replay. Replay's own, but for its address.
    class Input {
        friend class Replay;
        std::size_t held = 0;  ///< pieces that the guest has
        TimePoint moved{};     ///< when it last gave any back, or was given the first
    };
    /// A port has so many frames to replay. The answer stays where it is.
    Input& add_input(std::uint64_t frames);
    /// It has replayed them all. Once for each add_input().
    void input_finished() noexcept;

    /// A guest let frames in on a port that replays.
    void filter_opened() noexcept;

    /// What the guest of an input has and did not give back.
    void guest_holds(Input& input, std::size_t pieces) noexcept;

    /// How many frames may be handed out now.
    std::size_t room() noexcept;
    void replayed(std::size_t frames) noexcept;
    /// On any NIC, whatever its port.
    void guest_sent(std::size_t frames) noexcept;

    /// Is anything replayed on this host?
    bool active() const noexcept { return !inputs_.empty(); }
    /// Every input is replayed, and as many frames came out as went in. A guest that sends frames
    /// of its own, or those of a generator, makes it true early.
    bool done() const noexcept;
    /// When a frame was last replayed, taken or sent.
    TimePoint last_progress() const noexcept { return last_progress_; }
    const Flow& flow() const noexcept { return flow_; }

private:
    std::uint64_t in_flight() const noexcept;
    std::chrono::nanoseconds guest_ran() const noexcept;
    bool settled(TimePoint now) noexcept;
    bool waits_for_the_slow(TimePoint now) const noexcept;

    const Clock clock_;
    GuestTime guest_time_;
    Flow flow_;
    std::deque<Input> inputs_;
    std::uint32_t finished_inputs_ = 0;
    TimePoint last_progress_;
    TimePoint opened_{};
    std::chrono::nanoseconds ran_when_opened_{};
    bool settled_ = false;
};

}  // namespace vmbus::host
