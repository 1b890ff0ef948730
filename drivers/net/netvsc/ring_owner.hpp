// RingOwner: who may read the host's ring and touch what hangs on it (the backlog, the mailbox).
// A try-flag, not a lock: a burst that finds it taken returns, it never waits. In the ordinary
// case one lcore takes and leaves it once a burst.
// One for each channel, owned by the session; any thread of any process: the flag says of which.
#pragma once

#include <cstdint>

#include "base/shared.hpp"
#include "net/netvsc/process_tag.hpp"

namespace vmbus::netvsc {

class RingOwner {
public:
    bool try_enter() noexcept {
        // relaxed: only a look, so that finding the flag taken writes nothing.
        if (busy_.load_relaxed() != 0) {
            return false;
        }
        // sync owner.enter -> owner.leave: what the last owner did to the reader and the backlog.
        return busy_.exchange_acquire(process_tag) == 0;
    }
    void leave() noexcept {
        // sync owner.leave -> owner.enter: what I did, to the next owner.
        busy_.store_release(0);
    }
    /// Frees the flag if it is that of a process which is dead. What hangs on the ring may be half
    /// changed: it is good for nothing but being destroyed, which whoever enters must have been
    /// told before.
    void evict(std::uint32_t dead) noexcept {
        std::uint32_t expected = dead;
        // sync owner.evict -> owner.enter: that the lane is lost, to whoever enters.
        while (expected == dead && !busy_.compare_exchange_weak_acq_rel(expected, 0)) {
        }
    }

private:
    alignas(64) base::Shared<std::uint32_t> busy_{0};
};

/// Owns the ring for a scope, if it was free.
class Ownership {
public:
    explicit Ownership(RingOwner& owner) noexcept : owner_(owner.try_enter() ? &owner : nullptr) {}
    Ownership(const Ownership&) = delete;
    Ownership& operator=(const Ownership&) = delete;
    ~Ownership() {
        if (owner_ != nullptr) {
            owner_->leave();
        }
    }
    explicit operator bool() const noexcept { return owner_ != nullptr; }

private:
    RingOwner* owner_;
};

}  // namespace vmbus::netvsc
