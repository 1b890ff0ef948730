// Fetching lines that another core had last, before they are needed: their transfers overlap, where
// loads and stores wait for one after the other. Hints, which never fault. Any thread.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"

namespace vmbus::base {

/// Of x86-64, and of the Arm servers that run Hyper-V guests.
inline constexpr std::size_t kCacheLine = 64;

/// Fetches a line that will be written. Compilers fetch it to read unless told that the CPU knows
/// better; x86-64 without PREFETCHW takes it for a NOP.
[[gnu::always_inline]] inline void prefetch_to_write(const std::byte* line) noexcept {
#if defined(__x86_64__)
    asm volatile("prefetchw %0" : : "m"(*line));
#else
    __builtin_prefetch(line, 1);
#endif
}

/// One of each line's bytes, from the first on. Requires: they begin with a line, or what lies in
/// their last one is not worth a fetch.
[[gnu::always_inline]] inline void prefetch_to_write(Bytes lines) noexcept {
    for (std::size_t at = 0; at < lines.size(); at += kCacheLine) {
        prefetch_to_write(lines.data() + at);
    }
}

[[gnu::always_inline]] inline void prefetch_to_read(Bytes lines) noexcept {
    for (std::size_t at = 0; at < lines.size(); at += kCacheLine) {
        __builtin_prefetch(lines.data() + at);
    }
}

}  // namespace vmbus::base
