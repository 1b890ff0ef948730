// Waiting for what other processes do: asked again and again, until it is so or the time is over.
#pragma once

#include <chrono>
#include <thread>

namespace vmbus::test {

/// Whether `condition` becomes true in time. It is asked at least once.
template <class Condition>
bool comes_true(Condition&& condition, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    constexpr std::chrono::milliseconds kStep{10};
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(kStep);
    }
    return true;
}

}  // namespace vmbus::test
