// Queue: one queue of one port. A value.
#pragma once

#include <cstdint>

namespace netvsc_fwd {

struct Queue {
    std::uint16_t port = 0;
    std::uint16_t number = 0;

    bool operator==(const Queue&) const = default;
};

}  // namespace netvsc_fwd
