// Waiting for what other threads, processes or the host do, with a deadline. Control threads; no
// DPDK.
#pragma once

#include <chrono>
#include <thread>

namespace vmbus::netvsc {

/// Asks done() again and again until it is true. False when it was not within `patience`; it is
/// asked at least once.
template <class Done>
bool done_within(std::chrono::milliseconds patience, Done&& done) noexcept {
    constexpr std::chrono::microseconds kPause{20};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!done()) {
        if (std::chrono::steady_clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(kPause);
    }
    return true;
}

}  // namespace vmbus::netvsc
