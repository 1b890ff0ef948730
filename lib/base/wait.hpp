// Waiting for another thread's store without a system call: a short spin, then a doze in which the
// processor watches the word's cache line, where it can (x86 WAITPKG, Arm exclusive monitor).
// For waits that others end soon; the caller's thread keeps its core. Any thread.
// Docs: docs/memory-model.md, "Waiting".
#pragma once

#include "base/shared.hpp"

namespace vmbus::base {

/// Pauses before the first doze: most waits end within the time that falling asleep would take.
inline constexpr unsigned kSpins = 48;

/// From now on a write to the cache line of `word` ends the doze() of this thread.
void watch(const void* word) noexcept;
/// Until the watched line was written since watch(), or some 100 us are over, or for no reason.
void doze() noexcept;

/// Returns once done() is true. `done` looks at `word`, and names its order itself: this wait
/// orders nothing, and only the address of the word is used.
template <class Done>
void wait_until(const void* word, Done done) noexcept {
    for (unsigned spins = 0; !done(); ++spins) {
        if (spins < kSpins) {
            cpu_pause();
            continue;
        }
        watch(word);
        if (done()) {  // or the store came before the watch, and nothing would wake us
            return;
        }
        doze();
    }
}

}  // namespace vmbus::base
