// Byte spans, and the only ways this project turns bytes into integers and back.
// Everything on the wire is little-endian; so is every machine that runs Hyper-V guests. Only what
// is inside a frame is in network order.
// Pure values: no ownership, any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace vmbus::base {

static_assert(std::endian::native == std::endian::little,
              "wire structs are viewed as they are: a big-endian machine would need swaps");

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

/// Rounds `n` up to the next multiple of 8, the unit in which VMBus counts. Requires: n <= max - 7.
template <std::unsigned_integral T>
constexpr T round_up8(T n) noexcept {
    return static_cast<T>((n + 7U) & ~T{7});
}

/// Copies a T out of `from` at `offset`, which may be unaligned. Requires: it lies inside.
template <class T>
requires std::is_trivially_copyable_v<T> T load_at(Bytes from, std::size_t offset)
noexcept {
    T value;
    std::memcpy(&value, from.data() + offset, sizeof value);
    return value;
}

/// The checked form of load_at(): nothing when the T would not lie wholly inside `from`.
template <class T>
requires std::is_trivially_copyable_v<T> std::optional<T> try_load(Bytes from,
                                                                   std::size_t offset = 0)
noexcept {
    if (offset > from.size() || from.size() - offset < sizeof(T)) {
        return std::nullopt;
    }
    return load_at<T>(from, offset);
}

/// Copies `value` into `to` at `offset`. Requires: it lies inside.
template <class T>
requires std::is_trivially_copyable_v<T>
void store_at(MutableBytes to, std::size_t offset, const T& value) noexcept {
    std::memcpy(to.data() + offset, &value, sizeof value);
}

/// A number in network order, as frames have it. Requires: it lies inside.
inline std::uint16_t load_be16(Bytes from, std::size_t offset) noexcept {
    return __builtin_bswap16(load_at<std::uint16_t>(from, offset));
}
inline void store_be16(MutableBytes to, std::size_t offset, std::uint16_t value) noexcept {
    store_at(to, offset, __builtin_bswap16(value));
}

/// The part [offset, offset + length) of `from`, or nothing when it does not lie wholly inside.
/// Compared by subtraction, so no sum of foreign numbers can wrap.
inline std::optional<Bytes> try_slice(Bytes from, std::size_t offset, std::size_t length) noexcept {
    if (offset > from.size() || from.size() - offset < length) {
        return std::nullopt;
    }
    return from.subspan(offset, length);
}

/// The bytes of an object, for copying it whole.
template <class T>
requires std::is_trivially_copyable_v<T> Bytes bytes_of(const T& value)
noexcept {
    return std::as_bytes(std::span<const T, 1>(&value, 1));
}

}  // namespace vmbus::base
