// What the host has told this library by files below the root, and small files in general: read by
// system calls, not by the functions that this library stands in front of. Any thread.

#pragma once

#include <span>

namespace vmbus::host::face {

/// The beginning of a file, terminated. False: it cannot be read, or is empty. Requires: room.
bool read_text(const char* path, std::span<char> text) noexcept;
/// The same for a file below the root, by its name from there on. False as well without a root.
bool read_told(const char* name, std::span<char> text) noexcept;

}  // namespace vmbus::host::face
