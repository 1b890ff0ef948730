// The list of page ranges in a GPA-direct packet: building it, and parsing a copy of it.
// A range is {byte_count, byte_offset} and one page number for each page it touches.
// Source: MS-TLFS GPA ranges as in OpenVMM vmbus_ring/gparange.rs, whose refusals these are.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/mapping.hpp"
#include "wire/packet.hpp"

namespace vmbus::ring {

inline constexpr unsigned kHvPageShift = 12;

/// A run of guest-physical bytes. Its pages need not be neighbours on the wire; here they are split
/// until they are.
struct GpaSpan {
    std::uint64_t gpa = 0;
    std::uint32_t length = 0;
};

/// Pages that [gpa, gpa + length) touches.
constexpr std::uint32_t pages_of(std::uint64_t gpa, std::uint32_t length) noexcept {
    const std::uint64_t in_page = gpa % base::kHvPageSize;
    return static_cast<std::uint32_t>((in_page + length + base::kHvPageSize - 1) >> kHvPageShift);
}

enum class GpaListError : std::uint8_t {
    kNone,
    kTruncated,     ///< fewer words than the ranges need
    kEmptyRange,    ///< byte_count 0
    kBadOffset,     ///< byte_offset beyond the first page
    kTooManySpans,  ///< more than the caller takes
};

struct GpaList {
    GpaListError error = GpaListError::kNone;
    std::size_t spans = 0;    ///< filled in the caller's array
    std::uint64_t bytes = 0;  ///< of all ranges
    std::uint32_t first_range_bytes = 0;
};

/// Parses `range_count` ranges out of a private copy of the list; neighbouring pages of one range
/// are joined into one span.
GpaList parse_gpa_list(base::Bytes list, std::uint32_t range_count,
                       std::span<GpaSpan> spans) noexcept;

/// Appends a range for [gpa, gpa + length), contiguous in guest-physical memory, at `at` of `list`.
/// Returns the bytes written, 0 when there is no room. Requires: length > 0.
std::size_t append_gpa_range(base::MutableBytes list, std::size_t at, std::uint64_t gpa,
                             std::uint32_t length) noexcept;

}  // namespace vmbus::ring
