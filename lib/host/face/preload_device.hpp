// What /dev/uioN does in the kernel: open, read, write and mmap of a UIO device (Linux
// drivers/uio/uio.c, drivers/uio/uio_hv_generic.c). Return values and errno are those of the system
// calls.
//
// Part of the preload library. Any thread; each call keeps the open file alive until it is done.

#pragma once

#include <sys/types.h>

#include <cstddef>

namespace vmbus::host::face {

/// `socket_path`: where the host listens for device number `number`.
int open_device(const char* socket_path, unsigned number, int flags) noexcept;

/// The running total of events, 4 bytes. Waits for the next event unless O_NONBLOCK.
ssize_t read_device(int fd, void* buffer, std::size_t count) noexcept;

/// Tells the host to mask or unmask, and returns when it has.
ssize_t write_device(int fd, const void* buffer, std::size_t count) noexcept;

/// `offset` selects the map: K pages is map K, there are no offsets inside one.
void* map_device(int fd, void* hint, std::size_t length, int protection, int flags,
                 off_t offset) noexcept;

}  // namespace vmbus::host::face
