// What a NIC answers to a QUERY of an object identifier: one line of a table for each. Values are
// those of the host that this mirrors, except where that one answers a constant or nothing and this
// one knows better (link state, packet filter, statistics: oid_statistics.hpp).
// Pure functions. Source: OpenVMM netvsp/rndisprot; docs/emulator.md.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "host/counters.hpp"
#include "host/nic_spec.hpp"
#include "host/offload_config.hpp"
#include "wire/oid.hpp"
#include "wire/rndis.hpp"

namespace vmbus::host {

/// Room for the longest answer, the friendly name.
inline constexpr std::size_t kMaxOidBytes = 512;

/// What the answers are made of.
struct NicFacts {
    const NicSpec& spec;
    std::uint32_t mtu;  ///< largest frame that passes, Ethernet header included
    std::uint32_t ndis_major;
    std::uint32_t ndis_minor;
    bool link_up;
    std::uint64_t link_speed;  ///< bit/s
    std::uint32_t filter;
    const OffloadConfig& offload;
    const NicCounters& counters;
    std::uint64_t no_buffer;  ///< frames lost on the way since the guest took none
};

/// Writes the answer to `out` and its size to `length`; 0 unless kSuccess.
/// Requires: out.size() >= kMaxOidBytes.
wire::RndisStatus query_oid(wire::Oid oid, const NicFacts& facts, base::MutableBytes out,
                            std::size_t& length) noexcept;

}  // namespace vmbus::host
