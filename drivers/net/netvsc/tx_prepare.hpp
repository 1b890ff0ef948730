// tx_prepare for one packet: whether the host can do what its flags ask, and the sums that the host
// builds on. NDIS wants the pseudo-header's sum where the checksum goes, as DPDK does; some hosts
// compute from nothing. What a host has for the other IP version only is computed here.
// Pure but for these bytes and flags of the packet; transmit thread.
// Docs: docs/nics/netvsc.md, "Checksums" and "Segmentation".
#pragma once

#include <rte_mbuf.h>

#include <cstdint>

#include "net/netvsc/control/offloads.hpp"

namespace vmbus::netvsc {

/// What a packet may have; hosts map no more ranges.
inline constexpr std::uint16_t kMaxSegments = 32;

/// What a transmit queue's packets may ask for.
struct TxAbilities {
    std::uint8_t checksums = 0;  ///< set of Checksum that the host computes
    std::uint8_t software = 0;   ///< switched on, but of these the host has the other IP version
    LsoLimits lso_ipv4{};
    LsoLimits lso_ipv6{};
    std::uint32_t max_frame = UINT32_MAX;  ///< of a packet that is not segmented
};

/// 0, or ENOTSUP for what was not switched on or hosts cannot do, or EINVAL for flags, lengths and
/// headers that contradict each other or the host's limits.
int prepare_packet(rte_mbuf& mbuf, const TxAbilities& can) noexcept;

}  // namespace vmbus::netvsc
