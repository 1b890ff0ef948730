// Interposed: mmap and munmap. A device's mapping goes through the device; of other mappings only
// those matter that replace one. (Symbols by asm label: see preload_open.cpp.)

#include <sys/mman.h>
#include <sys/types.h>

#include <cerrno>

#include "host/face/preload_device.hpp"
#include "host/face/preload_files.hpp"
#include "host/face/preload_next.hpp"
#include "host/face/preload_ring.hpp"

namespace vmbus::host::face {
namespace {

constinit Next<void*(void*, std::size_t, int, int, int, off_t)> next_mmap{"mmap"};
constinit Next<int(void*, std::size_t)> next_munmap{"munmap"};

bool is_anonymous(int flags) noexcept {
    return (flags & MAP_ANONYMOUS) != 0;
}

void* map_other(void* hint, std::size_t length, int protection, int flags, int fd, off_t offset) {
    void* const address = next_mmap(hint, length, protection, flags, fd, offset);
    if ((flags & MAP_FIXED) != 0 && address != MAP_FAILED &&
        overlaps_device_mapping(address, length)) {
        forget_mappings(address, length);
    }
    return address;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

void* face_mmap(void* hint, std::size_t length, int protection, int flags, int fd,
                off_t offset) asm("mmap");
void* face_mmap64(void* hint, std::size_t length, int protection, int flags, int fd,
                  off_t offset) asm("mmap64") __attribute__((alias("mmap")));
int face_munmap(void* address, std::size_t length) asm("munmap");

void* face_mmap(void* hint, std::size_t length, int protection, int flags, int fd, off_t offset) {
    const FileKind kind = is_anonymous(flags) ? FileKind::kUnrelated : kind_of(fd);
    if (kind == FileKind::kDevice) {
        return map_device(fd, hint, length, protection, flags, offset);
    }
    if (const int error = kind == FileKind::kRing ? check_ring_mapping(fd, length, offset) : 0;
        error != 0) {
        errno = error;
        return MAP_FAILED;
    }
    return map_other(hint, length, protection, flags, fd, offset);
}

int face_munmap(void* address, std::size_t length) {
    return overlaps_device_mapping(address, length) ? unmap_tracked(address, length)
                                                    : next_munmap(address, length);
}

}  // extern "C"
#pragma GCC visibility pop

}  // namespace vmbus::host::face
