#include "ring/gpa_list.hpp"

#include <algorithm>

namespace vmbus::ring {
namespace {

/// Collects page pieces, joining those that continue the last one of the same range.
class SpanCollector {
public:
    explicit SpanCollector(std::span<GpaSpan> spans) noexcept : spans_(spans) {}

    void begin_range() noexcept { joinable_ = false; }

    bool add(std::uint64_t gpa, std::uint32_t length) noexcept {
        // Address 0 continues nothing: the last page number there is would wrap round to it.
        if (joinable_ && gpa != 0 && spans_[count_ - 1].gpa + spans_[count_ - 1].length == gpa) {
            spans_[count_ - 1].length += length;
            return true;
        }
        if (count_ == spans_.size()) {
            return false;
        }
        spans_[count_++] = {gpa, length};
        joinable_ = true;
        return true;
    }
    std::size_t count() const noexcept { return count_; }

private:
    std::span<GpaSpan> spans_;
    std::size_t count_ = 0;
    bool joinable_ = false;
};

}  // namespace

GpaList parse_gpa_list(base::Bytes list, std::uint32_t range_count,
                       std::span<GpaSpan> spans) noexcept {
    constexpr auto kPage = static_cast<std::uint32_t>(base::kHvPageSize);
    GpaList result;
    SpanCollector collector(spans);
    const auto fail = [&](GpaListError error) {
        result.error = error;
        return result;
    };
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < range_count; ++i) {
        const auto header = base::try_load<wire::GpaRangeHeader>(list, at);
        if (!header) return fail(GpaListError::kTruncated);
        if (header->byte_count == 0) return fail(GpaListError::kEmptyRange);
        if (header->byte_offset >= kPage) return fail(GpaListError::kBadOffset);
        at += sizeof *header;
        collector.begin_range();
        std::uint32_t offset = header->byte_offset;
        for (std::uint32_t left = header->byte_count; left > 0;) {
            const auto page = base::try_load<std::uint64_t>(list, at);
            if (!page || *page > UINT64_MAX >> kHvPageShift) return fail(GpaListError::kTruncated);
            at += sizeof *page;
            const std::uint32_t piece = std::min(left, kPage - offset);
            if (!collector.add((*page << kHvPageShift) + offset, piece)) {
                return fail(GpaListError::kTooManySpans);
            }
            left -= piece;
            offset = 0;
        }
        result.bytes += header->byte_count;
        if (i == 0) result.first_range_bytes = header->byte_count;
    }
    result.spans = collector.count();
    return result;
}

std::size_t append_gpa_range(base::MutableBytes list, std::size_t at, std::uint64_t gpa,
                             std::uint32_t length) noexcept {
    const std::uint32_t pages = pages_of(gpa, length);
    const std::size_t bytes = sizeof(wire::GpaRangeHeader) + pages * sizeof(std::uint64_t);
    if (at > list.size() || list.size() - at < bytes) {
        return 0;
    }
    base::store_at(
        list, at,
        wire::GpaRangeHeader{.byte_count = length,
                             .byte_offset = static_cast<std::uint32_t>(gpa % base::kHvPageSize)});
    for (std::uint32_t page = 0; page < pages; ++page) {
        base::store_at(list, at + sizeof(wire::GpaRangeHeader) + page * sizeof(std::uint64_t),
                       (gpa >> kHvPageShift) + page);
    }
    return bytes;
}

}  // namespace vmbus::ring
