// The range list of a GPA-direct packet -> spans of guest memory.
// Input: u8 ranges, u8 spans that the caller takes, then the list.
#include <array>

#include "fuzz_input.hpp"
#include "ring/gpa_list.hpp"

namespace {

using namespace vmbus;
using fuzz::require;

void check_span(const ring::GpaSpan& span) {
    require(span.length > 0);
    require(span.gpa <= UINT64_MAX - (span.length - 1));
}

/// A span alone, written as a range and parsed again, is itself.
void check_rebuild(const ring::GpaSpan& span) {
    std::array<std::byte, 256> list{};
    const std::size_t size = ring::append_gpa_range(list, 0, span.gpa, span.length);
    require((size == 0) == (8 + 8 * std::size_t{ring::pages_of(span.gpa, span.length)} > 256));
    if (size == 0) return;
    std::array<ring::GpaSpan, 1> again{};
    const auto result = ring::parse_gpa_list(base::Bytes(list).first(size), 1, again);
    require(result.error == ring::GpaListError::kNone && result.spans == 1);
    require(again[0].gpa == span.gpa && again[0].length == span.length);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::uint32_t ranges = input.take<std::uint8_t>();
    std::array<ring::GpaSpan, 64> spans{};
    const auto room = std::span(spans).first(input.take<std::uint8_t>() % (spans.size() + 1));

    const auto result = ring::parse_gpa_list(input.rest(), ranges, room);
    if (result.error != ring::GpaListError::kNone) return 0;
    require(result.spans <= room.size());
    std::uint64_t bytes = 0;
    for (const auto& span : room.first(result.spans)) {
        check_span(span);
        check_rebuild(span);
        bytes += span.length;
    }
    require(bytes == result.bytes && result.first_range_bytes <= bytes);
    return 0;
}
