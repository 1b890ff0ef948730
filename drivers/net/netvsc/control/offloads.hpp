// Offloads: what a host can, by its NDIS_OFFLOAD object, and what it is told to do. IPv4 and IPv6
// are kept apart here, as the host has them; where ethdev has one word for both, ethdev_offloads
// and tx_prepare see to it that the other family works or is refused.
// Control threads. No DPDK. Docs: docs/nics/netvsc.md, "Checksums" and "Segmentation".
#pragma once

#include <cstdint>

#include "net/netvsc/control/rndis_client.hpp"
#include "wire/ndis.hpp"
#include "wire/nvsp.hpp"

namespace vmbus::netvsc {

/// Bits of the sets below.
enum Checksum : std::uint8_t {
    kChecksumIpv4 = 1U << 0,  ///< the header's
    kChecksumTcp4 = 1U << 1,
    kChecksumTcp6 = 1U << 2,
    kChecksumUdp4 = 1U << 3,
    kChecksumUdp6 = 1U << 4,
    kChecksumTcp = kChecksumTcp4 | kChecksumTcp6,
    kChecksumUdp = kChecksumUdp4 | kChecksumUdp6,
};

/// Checksums that the host computes for us, and those that it verifies for us.
struct ChecksumOffloads {
    std::uint8_t tx = 0;
    std::uint8_t rx = 0;
    bool operator==(const ChecksumOffloads&) const = default;
};

/// What the host segments, for one IP version. All zero: nothing.
struct LsoLimits {
    std::uint32_t max_bytes = 0;  ///< of the frame as it is handed over
    std::uint32_t min_segments = 0;
    bool offered() const noexcept { return max_bytes != 0; }
    bool operator==(const LsoLimits&) const = default;
};

struct HostOffloads {
    ChecksumOffloads checksums{};
    LsoLimits lso_ipv4{};
    LsoLimits lso_ipv6{};
    bool coalesces = false;  ///< TCP on receive (RSC), IPv4 and IPv6
    bool operator==(const HostOffloads&) const = default;
};

/// What is switched on: a part of what the host can.
struct UsedOffloads {
    ChecksumOffloads checksums{};
    bool lso_ipv4 = false;
    bool lso_ipv6 = false;
    bool coalesce = false;
    bool operator==(const UsedOffloads&) const = default;
};

namespace offloads {

/// What the answer of a host says. `answer` is as long as the host made it; an object of no known
/// size promises nothing.
HostOffloads offloads_of(base::Bytes answer, wire::NvspVersion version) noexcept;
/// Asks. A host that refuses or does not know has none; errors are those of the link.
base::Result<HostOffloads> query(RndisClient& rndis, wire::NvspVersion version) noexcept;

/// The object that switches exactly these on and all others off.
struct Parameters {
    wire::NdisOffloadParameters common{};
    wire::NdisOffloadParametersTail tail{};
};
Parameters parameters_for(const UsedOffloads& wanted, wire::NvspVersion version) noexcept;
/// 0 or -errno.
int set(RndisClient& rndis, const UsedOffloads& wanted, wire::NvspVersion version) noexcept;

}  // namespace offloads
}  // namespace vmbus::netvsc
