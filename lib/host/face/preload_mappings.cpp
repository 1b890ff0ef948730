#include "host/face/preload_mappings.hpp"

#include <algorithm>
#include <array>
#include <atomic>

#include "host/face/preload_files.hpp"

namespace vmbus::host::face {
namespace {

struct Range {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;  // equal to begin: the entry is free
    OpenFile* file = nullptr;
};

// 5 maps for each of 64 NICs, three times over; a driver needs one set.
constinit std::array<Range, 1024> ranges{};

// The hull of all ranges there ever were. It only grows: simple, and exact enough to skip the lock
// for the many munmap() calls of a program that have nothing to do with a device.
constinit std::atomic<std::uintptr_t> hull_begin = UINTPTR_MAX;
constinit std::atomic<std::uintptr_t> hull_end = 0;

Range* find_free() noexcept {
    auto* const at = std::find_if(ranges.begin(), ranges.end(),
                                  [](const Range& range) { return range.begin == range.end; });
    return at == ranges.end() ? nullptr : at;
}

void grow_hull(std::uintptr_t begin, std::uintptr_t end) noexcept {
    // sync hull.grow -> hull.look: relaxed, a thread that unmaps a range got its address from the
    // thread that mapped it, and that hand-over orders the two.
    hull_begin.store(std::min(hull_begin.load(std::memory_order_relaxed), begin),
                     std::memory_order_relaxed);
    // sync hull.grow -> hull.look: as above.
    hull_end.store(std::max(hull_end.load(std::memory_order_relaxed), end),
                   std::memory_order_relaxed);
}

/// The part of `range` behind `from` becomes a range of its own, as a VMA that is split does.
void split_off(const Range& range, std::uintptr_t from) noexcept {
    // Without room the tail is forgotten: the file may then count as released too early, never too
    // late.
    add_mapping(from, range.end, *range.file);
}

}  // namespace

bool add_mapping(std::uintptr_t begin, std::uintptr_t end, OpenFile& file) noexcept {
    Range* const free = find_free();
    if (free == nullptr) {
        return false;
    }
    *free = Range{begin, end, &file};
    ++file.references;
    grow_hull(begin, end);
    return true;
}

void remove_mappings(std::uintptr_t begin, std::uintptr_t end, DropReference drop) noexcept {
    for (Range& range : ranges) {
        if (range.begin == range.end || range.end <= begin || end <= range.begin) {
            continue;
        }
        if (end < range.end) {
            split_off(range, end);
        }
        range.end = std::max(range.begin, begin);
        if (range.begin == range.end) {
            drop(*range.file);
        }
    }
}

bool may_overlap(std::uintptr_t begin, std::uintptr_t end) noexcept {
    // sync hull.look -> hull.grow: see there.
    return begin < hull_end.load(std::memory_order_relaxed) &&
           // sync hull.look -> hull.grow: see there.
           hull_begin.load(std::memory_order_relaxed) < end;
}

}  // namespace vmbus::host::face
