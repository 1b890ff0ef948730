// What a host promises of receive-side scaling, in NDIS_RECEIVE_SCALE_CAPABILITIES: ntddndis.h.
// Layouts and hash types are in ndis.hpp.
#pragma once

#include <cstdint>

namespace vmbus::wire {

/// Bits of the capabilities: another set than the hash types below, and each promises several.
enum NdisRssCapability : std::uint32_t {
    kNdisRssCapTcpIpv4 = 0x100,
    kNdisRssCapTcpIpv6 = 0x200,
    kNdisRssCapTcpIpv6Ex = 0x400,
    kNdisRssCapUdpIpv4 = 0x800,
    kNdisRssCapUdpIpv6 = 0x1000,
    kNdisRssCapUdpIpv6Ex = 0x2000,
};

}  // namespace vmbus::wire
