// channels/<relid>/ring as sysfs has it: an attribute that can be mapped and nothing else, while
// the channel is open, and whose size older kernels do not know (Linux drivers/hv/vmbus_drv.c).
//
// Part of the preload library, any thread.

#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>

namespace vmbus::host::face {

/// Whether this path of the tree, root and all, names a `ring`.
bool is_ring_path(const char* path) noexcept;
/// The same of an open file, whichever way it was opened. Slower.
bool is_ring_file(int fd) noexcept;

/// 0, or the errno with which the kernel refuses to map that much of it.
int check_ring_mapping(int fd, std::size_t length, off_t offset) noexcept;

/// Puts the size there that the emulated kernel tells.
void correct_ring_size(off_t& size) noexcept;

}  // namespace vmbus::host::face
