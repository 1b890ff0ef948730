// Placed: objects and arrays in memory that every process of an application may use. By default
// that is the heap of the only process; a driver says where else, before it makes the first of
// them. What lies there must mean the same in every process: data and pointers to such memory, no
// pointer to code. Control threads make and destroy; the memory is for any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace vmbus::base {

struct Place {
    /// nullptr when there is no memory.
    void* (*take)(std::size_t bytes, std::size_t alignment) noexcept;
    void (*give)(void* memory) noexcept;
};

inline void* take_from_heap(std::size_t bytes, std::size_t alignment) noexcept {
    return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

/// Where everything is placed. Each plugin has its own word of it.
inline constinit Place place{take_from_heap, std::free};

struct Displace {
    template <class T>
    void operator()(T* object) const noexcept {
        std::destroy_at(object);
        place.give(object);
    }
};
template <class T>
using Placed = std::unique_ptr<T, Displace>;

/// nullptr when there is no memory.
template <class T, class... Arguments>
Placed<T> make_placed(Arguments&&... arguments) noexcept {
    constexpr std::size_t kAlignment = std::max(alignof(T), alignof(std::max_align_t));
    void* const memory = place.take(sizeof(T), kAlignment);
    return Placed<T>(memory == nullptr ? nullptr
                                       : new (memory) T(std::forward<Arguments>(arguments)...));
}

struct DisplaceArray {
    template <class T>
    void operator()(T* items) const noexcept {
        static_assert(std::is_trivially_destructible_v<T>);
        place.give(items);
    }
};
template <class T>
using PlacedArray = std::unique_ptr<T[], DisplaceArray>;

/// Each item as T{}; nullptr when there is no memory.
template <class T>
PlacedArray<T> make_placed_array(std::size_t count) noexcept {
    constexpr std::size_t kAlignment = std::max(alignof(T), alignof(std::max_align_t));
    auto* const items =
        static_cast<T*>(place.take(std::max(count, std::size_t{1}) * sizeof(T), kAlignment));
    if (items != nullptr) {
        std::uninitialized_value_construct_n(items, count);
    }
    return PlacedArray<T>(items);
}

}  // namespace vmbus::base
