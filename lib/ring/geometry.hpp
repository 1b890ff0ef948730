// Pure index arithmetic of one ring: positions, used, free. No memory, no atomics, constexpr.
//
//        out            in                     in            out
//   ......[####used####]......       or   #####].....free.....[######
//   0                         size        0                         size
//
// A ring with in == out is empty; 8 bytes always stay unused so that it can never look so when
// full. Docs: docs/memory-model.md, "Positions".
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace vmbus::ring {

/// The ring's unit, and what must stay unused.
inline constexpr std::uint32_t kUnit = 8;
inline constexpr std::uint32_t kDescriptorBytes = 16;
inline constexpr std::uint32_t kFooterBytes = 8;
/// A packet without payload: the smallest step that an index can take.
inline constexpr std::uint32_t kMinPacketBytes = kDescriptorBytes + kFooterBytes;

/// A place in the endless stream of ring bytes: how often round, and the offset in the data.
/// 64 bits wide, so that an index that came round to the same value is still another position.
class Position {
public:
    constexpr Position() = default;
    constexpr explicit Position(std::uint64_t bits) noexcept : bits_(bits) {}
    constexpr Position(std::uint32_t lap, std::uint32_t index) noexcept
        : bits_(std::uint64_t{lap} << 32 | index) {}

    constexpr std::uint32_t lap() const noexcept { return static_cast<std::uint32_t>(bits_ >> 32); }
    constexpr std::uint32_t index() const noexcept { return static_cast<std::uint32_t>(bits_); }
    constexpr std::uint64_t bits() const noexcept { return bits_; }

    constexpr auto operator<=>(const Position&) const = default;

private:
    std::uint64_t bits_ = 0;
};

/// The size of a ring's data and what follows from it. Requires: size a multiple of 8, size > 16.
class Geometry {
public:
    constexpr explicit Geometry(std::uint32_t size) noexcept : size_(size) {}

    constexpr std::uint32_t size() const noexcept { return size_; }

    /// Whether a foreign number can be an index of this ring.
    constexpr bool valid_index(std::uint32_t index) const noexcept {
        return index < size_ && index % kUnit == 0;
    }

    /// Requires: index < size, bytes <= size.
    constexpr std::uint32_t advance(std::uint32_t index, std::uint32_t bytes) const noexcept {
        const std::uint32_t until_end = size_ - index;
        return bytes < until_end ? index + bytes : bytes - until_end;
    }
    constexpr Position advance(Position from, std::uint32_t bytes) const noexcept {
        const std::uint32_t index = advance(from.index(), bytes);
        return {from.lap() + (index < from.index() || bytes == size_ ? 1U : 0U), index};
    }

    /// Bytes from `out` to `in`. Requires: both valid.
    constexpr std::uint32_t used(std::uint32_t in, std::uint32_t out) const noexcept {
        return in >= out ? in - out : size_ - (out - in);
    }
    /// Bytes that may be written. Requires: both valid.
    constexpr std::uint32_t free(std::uint32_t in, std::uint32_t out) const noexcept {
        return size_ - used(in, out) - kUnit;
    }

    /// Bytes from `from` to `to`. Requires: from <= to, less than 2^31 laps apart.
    constexpr std::uint64_t distance(Position from, Position to) const noexcept {
        return std::uint64_t{to.lap() - from.lap()} * size_ + to.index() - from.index();
    }

    /// The one position with this index in (not_after - size, not_after].
    constexpr Position behind(std::uint32_t index, Position not_after) const noexcept {
        return {not_after.lap() - (index > not_after.index() ? 1U : 0U), index};
    }

    /// The largest packet, footer included: what the host accepts (OpenVMM vmbus_ring: less than
    /// size - 8), and what the 16-bit length of a descriptor can say.
    constexpr std::uint32_t max_packet() const noexcept {
        return std::min(size_ - 2 * kUnit, UINT16_MAX * kUnit + kFooterBytes);
    }

private:
    std::uint32_t size_;
};

/// The first lap that a writer counts: not 0, so that a position behind it exists.
inline constexpr std::uint32_t kFirstLap = 1;

/// Bytes that a packet occupies in the ring. Requires: the result fits 32 bits.
constexpr std::uint32_t packet_bytes(std::size_t header, std::size_t payload) noexcept {
    return kDescriptorBytes + static_cast<std::uint32_t>((header + 7) / 8 * 8) +
           static_cast<std::uint32_t>((payload + 7) / 8 * 8) + kFooterBytes;
}
static_assert(packet_bytes(0, 40) == 64, "a send-section packet, facts of every netvsc");

}  // namespace vmbus::ring
