// RingPair: the two rings of a channel in the memory that guest and host share for them. Any
// thread, before either side uses them.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "ring/memory.hpp"
#include "wire/ring_page.hpp"

namespace vmbus::host {

struct RingPair {
    ring::MappedRing from_guest;
    ring::MappedRing to_guest;
};

/// Each half is a control page and data, the guest's own half first. Both are cleared as for a
/// fresh conversation. Nothing when they are of no use.
inline std::optional<RingPair> make_ring_pair(base::MutableBytes rings) noexcept {
    const std::size_t half = rings.size() / 2;
    auto from_guest = ring::MappedRing::view(rings.first(half), sizeof(wire::RingPage));
    auto to_guest = ring::MappedRing::view(rings.subspan(half, half), sizeof(wire::RingPage));
    if (!from_guest || !to_guest) {
        return std::nullopt;
    }
    ring::initialise(from_guest.value());
    ring::initialise(to_guest.value());
    return RingPair{from_guest.value(), to_guest.value()};
}

}  // namespace vmbus::host
