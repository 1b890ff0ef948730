#include "host/lent_ranges.hpp"

#include <algorithm>
#include <iterator>

namespace vmbus::host {

bool LentRanges::overlap(const Ranges& ranges) const noexcept {
    return std::any_of(ranges.begin(), ranges.end(), [this](const auto& range) {
        const std::uint64_t end = std::uint64_t{range.byte_offset} + range.byte_count;
        const auto behind = ends_.lower_bound(end);
        return behind != ends_.begin() && std::prev(behind)->second > range.byte_offset;
    });
}

void LentRanges::lend(std::uint64_t id, const Ranges& ranges) {
    by_id_.emplace(id, ranges);
    for (const auto& range : ranges) {
        ends_[range.byte_offset] = std::uint64_t{range.byte_offset} + range.byte_count;
    }
}

bool LentRanges::give_back(std::uint64_t id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) {
        return false;
    }
    for (const auto& range : found->second) {
        ends_.erase(range.byte_offset);
    }
    by_id_.erase(found);
    return true;
}

}  // namespace vmbus::host
