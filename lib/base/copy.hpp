// Copying a packet's bytes: like memcpy, but a short copy is done on the spot. For the 8 to 128
// bytes of a VMBus control packet the call alone costs as much as the copy. Any thread.
#pragma once

#include <cstddef>
#include <cstring>

#include "base/bytes.hpp"

namespace vmbus::base {

/// Up to here a few moves in line beat the call of memcpy.
inline constexpr std::size_t kInlineCopyBytes = 128;

/// Copies in two pieces of `Piece` bytes, which overlap unless n == 2 * Piece.
/// Requires: Piece <= n <= 2 * Piece.
template <std::size_t Piece>
[[gnu::always_inline]] inline void copy_two_pieces(std::byte* to, const std::byte* from,
                                                   std::size_t n) noexcept {
    std::memcpy(to, from, Piece);
    std::memcpy(to + n - Piece, from + n - Piece, Piece);
}

/// Requires: n <= kInlineCopyBytes.
[[gnu::always_inline]] inline void copy_inline(std::byte* to, const std::byte* from,
                                               std::size_t n) noexcept {
    if (n > 64) return copy_two_pieces<64>(to, from, n);
    if (n > 32) return copy_two_pieces<32>(to, from, n);
    if (n > 16) return copy_two_pieces<16>(to, from, n);
    if (n >= 8) return copy_two_pieces<8>(to, from, n);
    if (n >= 4) return copy_two_pieces<4>(to, from, n);
    for (std::size_t done = 0; done < n; ++done) {
        to[done] = from[done];
    }
}

/// Copies `n` bytes. Requires: the areas do not overlap.
[[gnu::always_inline]] inline void copy(std::byte* to, const std::byte* from,
                                        std::size_t n) noexcept {
    if (n > kInlineCopyBytes || (__builtin_constant_p(n) && n != 0)) {
        std::memcpy(to, from, n);  // a known size becomes moves too, a long one pays for the call
    } else {
        copy_inline(to, from, n);
    }
}

/// Requires: `to` has room, the areas do not overlap.
[[gnu::always_inline]] inline void copy(std::byte* to, Bytes from) noexcept {
    copy(to, from.data(), from.size());
}

/// Copies out of memory that somebody else may change meanwhile. What was copied is then all there
/// is: the compiler cannot read the source again in place of the copy, once after a check of the
/// copy.
[[gnu::always_inline]] inline void copy_foreign(std::byte* to, const std::byte* from,
                                                std::size_t n) noexcept {
    copy(to, from, n);
    asm volatile("" ::: "memory");
}

}  // namespace vmbus::base
