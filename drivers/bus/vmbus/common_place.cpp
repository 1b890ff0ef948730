#include "bus/vmbus/common_place.hpp"

#include <rte_memory.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace vmbus::bus {
namespace {

/// EAL itself maps more behind its lists of memory, but not that much.
constexpr std::uintptr_t kDistance = std::uintptr_t{64} << 30;
constexpr std::uintptr_t kStep = std::uintptr_t{64} << 20;
constexpr unsigned kTries = 1024;

int note_end(const rte_memseg_list* list, void* end) noexcept {
    if (list->external == 0) {
        auto& highest = *static_cast<std::uintptr_t*>(end);
        highest = std::max(highest, reinterpret_cast<std::uintptr_t>(list->base_va) + list->len);
    }
    return 0;
}

/// 0 when there is none.
std::uintptr_t end_of_memory() noexcept {
    std::uintptr_t end = 0;
    rte_memseg_list_walk_thread_unsafe(note_end, &end);
    return end;
}

}  // namespace

base::Result<base::Mapping> map_in_common_place(int fd, std::size_t length, off_t offset) noexcept {
    const std::uintptr_t end = end_of_memory();
    const std::uintptr_t first = (end + kDistance) / kStep * kStep;
    for (unsigned i = 0; end != 0 && i < kTries; ++i) {
        auto mapping = base::Mapping::map_shared_at(first + i * kStep, fd, length, offset);
        if (mapping) {
            return mapping;
        }
        if (mapping.error() != EEXIST) {
            break;
        }
    }
    return base::Mapping::map_shared(fd, length, offset);
}

}  // namespace vmbus::bus
