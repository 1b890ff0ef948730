// RxBell: what wakes an lcore that sleeps until its receive queue has something. The lcore arms the
// bell before it sleeps; whoever finds something for it takes the arm and rings, once. As long as
// there is a reason to keep the lcore awake, arming rings at once.
// One for each receive queue, owned by it. arm(), disarm(), drain(): the lcore of the queue;
// open(), close(): control threads while the port is stopped; the rest: any thread. Docs:
// docs/memory-model.md, "Sleeping receivers". No DPDK.
#pragma once

#include <cstdint>

#include "base/shared.hpp"
#include "base/unique_fd.hpp"

namespace vmbus::netvsc {

/// Whether somebody waits for the bell, and why nobody should, in one word.
template <class Word>
class BasicBellState {
public:
    enum Reason : std::uint32_t {
        kRemoved = 2,  ///< device or channel are gone: the lcore must learn of it
        kVf = 4,       ///< frames come through the VF, which nobody else looks at
    };

    /// "I am about to sleep". False: there is a reason not to.
    bool arm() noexcept {
        // sync bell.arm -> bell.take, bell.awake: before mask.open and the last look at the ring.
        return (state_.fetch_or_seq_cst(kArmed) & kReasons) == 0;
    }
    void disarm() noexcept {
        // sync bell.disarm -> bell.take: whoever took the arm before this rings for nothing.
        state_.fetch_and_seq_cst(~kArmed);
    }
    /// True: somebody waits, nobody else rings for him. Requires: his ring is masked, or the caller
    /// is who wants to sleep.
    bool take() noexcept {
        // sync bell.take -> bell.arm, bell.disarm: after mask.shut; one taker only.
        return (state_.fetch_and_seq_cst(~kArmed) & kArmed) != 0;
    }
    /// From now on nobody sleeps. True: somebody does already.
    bool keep_awake(Reason why) noexcept {
        // sync bell.awake -> bell.arm: in one word, so one of the two sees the other.
        return (state_.fetch_or_seq_cst(why) & kArmed) != 0;
    }
    void let_sleep(Reason why) noexcept {
        // sync bell.asleep -> bell.arm: who arms before this polls once more.
        state_.fetch_and_seq_cst(~std::uint32_t{why});
    }

private:
    static constexpr std::uint32_t kArmed = 1;
    static constexpr std::uint32_t kReasons = kRemoved | kVf;

    Word state_{0};
};

class RxBell {
public:
    using State = BasicBellState<base::Shared<std::uint32_t>>;

    /// Makes the event file. 0 or -errno.
    int open() noexcept;
    void close() noexcept { file_.reset(); }
    /// Readable when the bell was rung; -1 while it is closed.
    int fd() const noexcept { return file_.get(); }

    void arm() noexcept {
        if (!state_.arm()) {
            ring();
        }
    }
    void disarm() noexcept { state_.disarm(); }
    /// Rings if the lcore is, or is about to be, asleep.
    void wake() noexcept {
        if (state_.take()) {
            ring();
        }
    }
    void keep_awake(State::Reason why) noexcept {
        if (state_.keep_awake(why)) {
            ring();
        }
    }
    void let_sleep(State::Reason why) noexcept { state_.let_sleep(why); }
    void ring() noexcept;
    /// Forgets past rings.
    void drain() noexcept;

    /// How often it was rung; approximate when several threads ring.
    std::uint64_t rings() const noexcept {
        // relaxed: a figure for people.
        return rings_.load_relaxed() - forgotten_.load_relaxed();
    }
    void reset_rings() noexcept {
        // relaxed: a figure for people.
        forgotten_.store_relaxed(rings_.load_relaxed());
    }

private:
    // Any thread.
    alignas(64) State state_;
    base::Shared<std::uint64_t> rings_{0};
    base::Shared<std::uint64_t> forgotten_{0};
    base::UniqueFd file_;  ///< constant between open() and close()
};

}  // namespace vmbus::netvsc
