// What a NIC answers to a QUERY of its statistics: the numbers of its counters, since the NIC
// exists. General counters of NDIS 5 (0x000201xx) have 32 bits here and wrap, all others 64. Pure
// functions. Source: ntddndis.h; MS-RNDIS 2.2; NDIS_STATISTICS_INFO.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "host/counters.hpp"
#include "wire/oid.hpp"

namespace vmbus::host {

/// All that are answered.
std::span<const wire::Oid> statistics_oids() noexcept;

/// Writes the answer and returns its size; 0 when this is no statistic.
/// Requires: out.size() >= sizeof(wire::NdisStatistics).
std::size_t put_statistic(wire::Oid oid, const NicCounters& counters, std::uint64_t no_buffer,
                          base::MutableBytes out) noexcept;

}  // namespace vmbus::host
