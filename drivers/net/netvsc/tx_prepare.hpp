// tx_prepare for one packet: whether the host can do what its flags ask, and the sums that the host
// builds on. NDIS wants the pseudo-header's sum where the checksum goes, as DPDK does; some hosts
// compute from nothing. Pure but for these bytes of the frame; transmit thread.
// Docs: docs/nics/netvsc.md, "Checksums".
#pragma once

#include <rte_mbuf.h>

#include <cstdint>

namespace vmbus::netvsc {

/// What a packet may have; hosts map no more ranges.
inline constexpr std::uint16_t kMaxSegments = 32;

/// 0, or ENOTSUP for what was not switched on or hosts cannot do, or EINVAL for flags, lengths and
/// headers that contradict each other. `checksums` is a set of Checksum.
int prepare_packet(rte_mbuf& mbuf, std::uint8_t checksums) noexcept;

}  // namespace vmbus::netvsc
