// What is placed (base/placed.hpp) lies in EAL's memory from now on, which every process of the
// application maps at the same addresses. For each plugin to say, before it uses its first device.
#pragma once

#include <rte_malloc.h>

#include "base/placed.hpp"

namespace vmbus::bus {

inline void place_in_eal_memory() noexcept {
    base::place = {[](std::size_t bytes, std::size_t alignment) noexcept {
                       return rte_malloc("vmbus", bytes, static_cast<unsigned>(alignment));
                   },
                   [](void* memory) noexcept { rte_free(memory); }};
}

}  // namespace vmbus::bus
