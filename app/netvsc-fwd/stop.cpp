#include "stop.hpp"

#include <atomic>
#include <csignal>

namespace netvsc_fwd {
namespace {

std::atomic<bool> asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void on_signal(int /*number*/) {
    ask_to_stop();
}

}  // namespace

void stop_on_signals() {
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
}

void ask_to_stop() {
    // relaxed: it announces nothing but itself.
    asked.store(true, std::memory_order_relaxed);
}

bool stop_asked() {
    // relaxed: it announces nothing but itself.
    return asked.load(std::memory_order_relaxed);
}

}  // namespace netvsc_fwd
