// Interposed: what is done with a descriptor. One load from the table decides; unrelated calls go
// straight on. (Symbols by asm label: see preload_open.cpp.)

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>

#include "host/face/preload_device.hpp"
#include "host/face/preload_files.hpp"
#include "host/face/preload_next.hpp"
#include "host/face/preload_pagemap.hpp"

namespace vmbus::host::face {
namespace {

constinit Next<ssize_t(int, void*, std::size_t)> next_read{"read"};
constinit Next<ssize_t(int, void*, std::size_t, off_t)> next_pread{"pread"};
constinit Next<ssize_t(int, const void*, std::size_t)> next_write{"write"};

/// An attribute of sysfs without a function for it.
ssize_t refuse() noexcept {
    errno = EIO;
    return -1;
}

ssize_t read_any(int fd, void* buffer, std::size_t count) noexcept {
    switch (kind_of(fd)) {
        case FileKind::kDevice: return read_device(fd, buffer, count);
        case FileKind::kPagemap: return read_pagemap(fd, buffer, count);
        case FileKind::kRing: return refuse();
        case FileKind::kUnrelated:
        case FileKind::kInternal: break;
    }
    return next_read(fd, buffer, count);
}

ssize_t read_any_at(int fd, void* buffer, std::size_t count, off_t offset) noexcept {
    if (kind_of(fd) == FileKind::kPagemap) {
        return read_pagemap_at(fd, buffer, count, offset);
    }
    return kind_of(fd) == FileKind::kRing ? refuse() : next_pread(fd, buffer, count, offset);
}

ssize_t write_any(int fd, const void* buffer, std::size_t count) noexcept {
    switch (kind_of(fd)) {
        case FileKind::kDevice: return write_device(fd, buffer, count);
        case FileKind::kRing: return refuse();
        case FileKind::kUnrelated:
        case FileKind::kPagemap:
        case FileKind::kInternal: break;
    }
    return next_write(fd, buffer, count);
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

ssize_t face_read(int fd, void* buffer, std::size_t count) asm("read");
ssize_t face_pread(int fd, void* buffer, std::size_t count, off_t offset) asm("pread");
ssize_t face_pread64(int fd, void* buffer, std::size_t count, off_t offset) asm("pread64")
    __attribute__((alias("pread")));
// What a program built with _FORTIFY_SOURCE calls.
ssize_t face_read_chk(int fd, void* buffer, std::size_t count, std::size_t room) asm("__read_chk");
ssize_t face_pread_chk(int fd, void* buffer, std::size_t count, off_t offset,
                       std::size_t room) asm("__pread_chk");
ssize_t face_pread64_chk(int fd, void* buffer, std::size_t count, off_t offset,
                         std::size_t room) asm("__pread64_chk")
    __attribute__((alias("__pread_chk")));
ssize_t face_write(int fd, const void* buffer, std::size_t count) asm("write");

ssize_t face_read(int fd, void* buffer, std::size_t count) {
    return read_any(fd, buffer, count);
}

ssize_t face_pread(int fd, void* buffer, std::size_t count, off_t offset) {
    return read_any_at(fd, buffer, count, offset);
}

ssize_t face_read_chk(int fd, void* buffer, std::size_t count, std::size_t room) {
    return read_any(fd, buffer, count < room ? count : room);
}

ssize_t face_pread_chk(int fd, void* buffer, std::size_t count, off_t offset, std::size_t room) {
    return read_any_at(fd, buffer, count < room ? count : room, offset);
}

ssize_t face_write(int fd, const void* buffer, std::size_t count) {
    return write_any(fd, buffer, count);
}

}  // extern "C"
#pragma GCC visibility pop

}  // namespace vmbus::host::face
