// Health: whether the device may still be touched. Set once, by whoever learns first that the host
// took the device away or broke the contract; read once a burst.
// Owned by the session; any thread.
#pragma once

#include <cstdint>

#include "base/shared.hpp"
#include "net/netvsc/process_tag.hpp"

namespace vmbus::netvsc {

class Health {
public:
    enum State : std::uint32_t {
        kAlive,
        kRemoved,  ///< the kernel said so: the rings may be somebody else's memory already
        kBroken,   ///< the host wrote what cannot be a packet or an index
        kTorn,     ///< a process of ours died in a burst on the channel that control speaks on, or
                   ///< stays in one
    };

    bool alive() const noexcept { return state() == kAlive; }
    State state() const noexcept {
        // relaxed: announces nothing; a burst that misses it is the last one.
        return static_cast<State>(state_.load_relaxed());
    }
    /// The first reason stays: true for whoever gave it.
    bool fail(State reason) noexcept {
        std::uint32_t expected = kAlive;
        // relaxed: as above.
        while (expected == kAlive && !state_.compare_exchange_weak_relaxed(expected, reason)) {
        }
        return expected == kAlive;
    }

private:
    base::Shared<std::uint32_t> state_{kAlive};
};

/// Tells the port, from any thread, that the interrupt thread should look at link and health. In
/// another process than the port's, where the function is not, nobody is told: the interrupt thread
/// looks once a second as well.
struct Attention {
    void (*call)(void* context) noexcept = nullptr;
    void* context = nullptr;

    void operator()() const noexcept {
        if (call != nullptr && process_tag == kPrimaryTag) {
            call(context);
        }
    }
};

}  // namespace vmbus::netvsc
