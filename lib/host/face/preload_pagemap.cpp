#include "host/face/preload_pagemap.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace vmbus::host::face {
namespace {

constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;

/// Entry n describes page n, and holds the number of its frame: n again.
constexpr std::uint64_t entry(std::uint64_t page) noexcept {
    return kPresent | page;
}

void fill(void* buffer, std::size_t entries, std::uint64_t first_page) noexcept {
    auto* const out = static_cast<std::byte*>(buffer);
    for (std::size_t i = 0; i < entries; ++i) {
        const std::uint64_t value = entry(first_page + i);
        std::memcpy(out + i * sizeof(value), &value, sizeof(value));
    }
}

}  // namespace

ssize_t read_pagemap_at(int fd, void* buffer, std::size_t count, off_t offset) noexcept {
    // The kernel checks alignment and the end of the address space, and says how far it got.
    const ssize_t length = syscall(SYS_pread64, fd, buffer, count, offset);
    if (length > 0) {
        constexpr auto kSize = sizeof(std::uint64_t);
        fill(buffer, static_cast<std::size_t>(length) / kSize,
             static_cast<std::uint64_t>(offset) / kSize);
    }
    return length;
}

ssize_t read_pagemap(int fd, void* buffer, std::size_t count) noexcept {
    const off_t position = lseek(fd, 0, SEEK_CUR);
    if (position < 0) {
        return -1;
    }
    const ssize_t length = read_pagemap_at(fd, buffer, count, position);
    if (length > 0) {
        lseek(fd, length, SEEK_CUR);
    }
    return length;
}

}  // namespace vmbus::host::face
