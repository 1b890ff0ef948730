// The address ranges at which devices are mapped, each with the open file that it keeps alive.
//
// Part of the preload library. Every call needs the table's lock (preload_files.cpp), except
// may_overlap().

#pragma once

#include <cstddef>
#include <cstdint>

namespace vmbus::host::face {

struct OpenFile;

/// Counts a mapping of `file`. False: no room; the reference is then not taken.
bool add_mapping(std::uintptr_t begin, std::uintptr_t end, OpenFile& file) noexcept;

/// Called with each file that lost a mapping: once per range that went away altogether.
using DropReference = void (*)(OpenFile&);
void remove_mappings(std::uintptr_t begin, std::uintptr_t end, DropReference drop) noexcept;

/// False is certain, true is a guess. Without the lock: a range that this thread may unmap was
/// added earlier.
bool may_overlap(std::uintptr_t begin, std::uintptr_t end) noexcept;

}  // namespace vmbus::host::face
