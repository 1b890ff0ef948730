// Checksum offloads: what a host can, by its NDIS_OFFLOAD object, and what it is told to do. TCP
// and UDP count only where the host can them over IPv4 and IPv6, because ethdev does not tell
// these apart. Control threads. No DPDK. Docs: docs/nics/netvsc.md, "Checksums".
#pragma once

#include <cstdint>

#include "net/netvsc/control/rndis_client.hpp"
#include "wire/ndis.hpp"
#include "wire/nvsp.hpp"

namespace vmbus::netvsc {

/// Bits of the sets below.
enum Checksum : std::uint8_t {
    kChecksumIpv4 = 1U << 0,  ///< the header's
    kChecksumTcp = 1U << 1,
    kChecksumUdp = 1U << 2,
};

/// Checksums that the host computes for us, and those that it verifies for us.
struct ChecksumOffloads {
    std::uint8_t tx = 0;
    std::uint8_t rx = 0;
    bool operator==(const ChecksumOffloads&) const = default;
};

namespace offloads {

/// What the answer of a host says. `answer` is as long as the host made it; an object of no known
/// size promises nothing.
ChecksumOffloads checksums_of(base::Bytes answer, wire::NvspVersion version) noexcept;
/// Asks. A host that refuses or does not know has none; errors are those of the link.
base::Result<ChecksumOffloads> query_checksums(RndisClient& rndis,
                                               wire::NvspVersion version) noexcept;
/// The settings for these offloads; what is not among them is switched off.
wire::NdisOffloadParameters parameters_for(const ChecksumOffloads& wanted,
                                           wire::NvspVersion version) noexcept;
int set_checksums(RndisClient& rndis, const ChecksumOffloads& wanted,
                  wire::NvspVersion version) noexcept;

}  // namespace offloads
}  // namespace vmbus::netvsc
