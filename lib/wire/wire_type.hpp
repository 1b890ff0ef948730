// The concept that every struct on the wire satisfies, asserted right below each of them.
// It promises that the bytes of the struct are the bytes of the message: no padding, no pointers.
#pragma once

#include <type_traits>

namespace vmbus::wire {

template <class T>
concept WireType = std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T> &&
    std::has_unique_object_representations_v<T>;

}  // namespace vmbus::wire
