// What the preload library knows about the guest's file descriptors and mappings.
//
// One table for the process. A lookup is one load from an array, so unrelated descriptors cost next
// to nothing; changes take the table's lock. In the kernel a device is released when the last
// descriptor *and* the last mapping of an open file are gone: an OpenFile counts both, and closes
// its control socket then, which is how the host learns of it.

#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "host/face/protocol.hpp"

namespace vmbus::host::face {

/// One open() of /dev/uioN. The descriptors in it are ours: the program neither sees nor closes
/// them.
struct OpenFile {
    int control = -1;
    std::array<int, kMapCount> maps{};
    std::array<std::size_t, kMapCount> sizes{};  // Constant while the file is open.
    unsigned number = 0;                         // the N of uioN
    // The rest and `maps` change under the table's lock only.
    unsigned descriptors = 0;
    unsigned references = 0;  // descriptors, mappings and calls in progress; 0: the entry is free
};

enum class FileKind : std::uint16_t { kUnrelated, kPagemap, kInternal, kRing, kDevice };

FileKind kind_of(int fd) noexcept;

/// Keeps the open file behind a descriptor alive for the length of a call, as the kernel does.
class PinnedFile {
public:
    explicit PinnedFile(int fd) noexcept;
    ~PinnedFile();
    PinnedFile(const PinnedFile&) = delete;
    PinnedFile& operator=(const PinnedFile&) = delete;

    explicit operator bool() const noexcept { return file_ != nullptr; }
    OpenFile* operator->() const noexcept { return file_; }
    OpenFile& operator*() const noexcept { return *file_; }

private:
    OpenFile* file_;
};

/// Moves a descriptor of ours out of the range that programs use, and hides it. -1: none is free.
int make_internal(int fd) noexcept;
void close_internal(int fd) noexcept;

/// Takes over the descriptors in `file`, which are internal. False: the table is full.
bool adopt_device(int fd, const OpenFile& file) noexcept;
bool adopt_pagemap(int fd) noexcept;
bool adopt_ring(int fd) noexcept;

/// The program's own calls, with the table kept in step. Each does the system call itself.
int close_tracked(int fd) noexcept;
/// A wrapper of dup(2) and its like: `duplicate` makes the copy, -1 and errno when it cannot.
using Duplicate = int (*)(int from, int to, int flags);
int duplicate_tracked(int from, int to, int flags, Duplicate duplicate) noexcept;
void* map_tracked(OpenFile& file, void* hint, std::size_t length, int protection, int flags,
                  int fd) noexcept;
int unmap_tracked(void* address, std::size_t length) noexcept;

/// Does any mapping of a device lie in this range? Cheap when none exists near it.
bool overlaps_device_mapping(const void* address, std::size_t length) noexcept;
/// Forgets what a MAP_FIXED mapping of something else has replaced.
void forget_mappings(const void* address, std::size_t length) noexcept;

}  // namespace vmbus::host::face
