// /proc/self/pagemap as the emulated machine has it: guest-physical addresses equal virtual ones,
// every page is there.
//
// So a driver that translates its memory needs no privilege, and the host finds it by
// process_vm_readv. Format: Linux Documentation/admin-guide/mm/pagemap.rst. Part of the preload
// library, any thread.

#pragma once

#include <sys/types.h>

#include <cstddef>

namespace vmbus::host::face {

/// Like pread(2).
ssize_t read_pagemap_at(int fd, void* buffer, std::size_t count, off_t offset) noexcept;

/// Like read(2): the position is the one of the kernel's file, so lseek() works by itself.
ssize_t read_pagemap(int fd, void* buffer, std::size_t count) noexcept;

}  // namespace vmbus::host::face
