// Fetching lines that another core had last, before they are needed: their transfers overlap, where
// loads and stores wait for one after the other. Hints, which never fault. Any thread.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/bytes.hpp"

namespace vmbus::base {

/// Of x86-64, and of the Arm servers that run Hyper-V guests.
inline constexpr std::size_t kCacheLine = 64;

/// What a CPU has on its way at once; more would wait.
inline constexpr std::size_t kMostFetched = 16 * kCacheLine;

/// Fetches a line that will be written. Compilers fetch it to read unless told that the CPU knows
/// better; x86-64 without PREFETCHW takes it for a NOP.
[[gnu::always_inline]] inline void prefetch_to_write(const std::byte* line) noexcept {
#if defined(__x86_64__)
    asm volatile("prefetchw %0" : : "m"(*line));
#else
    __builtin_prefetch(line, 1);
#endif
}

/// No more than kMostFetched of these bytes. Requires: they begin with a line, or what lies in
/// their last one is not worth a fetch.
[[gnu::always_inline]] inline void prefetch_to_write(Bytes lines) noexcept {
    for (std::size_t at = 0; at < std::min(lines.size(), kMostFetched); at += kCacheLine) {
        prefetch_to_write(lines.data() + at);
    }
}

/// The same, of lines that will only be read.
[[gnu::always_inline]] inline void prefetch_to_read(Bytes lines) noexcept {
    for (std::size_t at = 0; at < std::min(lines.size(), kMostFetched); at += kCacheLine) {
        __builtin_prefetch(lines.data() + at);
    }
}

}  // namespace vmbus::base
