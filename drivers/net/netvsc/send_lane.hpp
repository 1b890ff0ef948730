// By which lane a transmit queue sends. The host may say which channel it would like for each of 16
// buckets of a hash; a queue is a bucket here, as applications choose the queue by a hash or by the
// core. Queues beyond the table, and all of them without one, go around the lanes in turn.
// Pure. Source: Linux drivers/net/hyperv/netvsc_drv.c uses the table so; facts in docs/wire.md.
#pragma once

#include <cstdint>
#include <optional>

#include "net/netvsc/inbound.hpp"

namespace vmbus::netvsc {

/// Requires: lanes > 0.
constexpr std::uint16_t send_lane(std::uint16_t queue, std::uint16_t lanes,
                                  const std::optional<SendTable>& table) noexcept {
    // The host may name channels that it never offered.
    return static_cast<std::uint16_t>((table && queue < table->size() ? (*table)[queue] : queue) %
                                      lanes);
}

}  // namespace vmbus::netvsc
