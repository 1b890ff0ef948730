// The few objects of a NIC that this driver asks for or sets, each one function over the RNDIS
// client. What the host answers is checked here. Control threads. No DPDK.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "net/netvsc/control/rndis_client.hpp"

namespace vmbus::netvsc::oids {

using MacAddress = std::array<std::uint8_t, 6>;

/// Bits of the packet filter (ntddndis.h).
enum Filter : std::uint32_t {
    kFilterNone = 0,
    kFilterDirected = 1U << 0,
    kFilterMulticast = 1U << 1,
    kFilterAllMulticast = 1U << 2,
    kFilterBroadcast = 1U << 3,
    kFilterPromiscuous = 1U << 5,
};

/// The filter for a port that receives; the two modes are independent of each other.
constexpr std::uint32_t filter_for(bool promiscuous, bool all_multicast) noexcept {
    return kFilterDirected | kFilterBroadcast | (all_multicast ? kFilterAllMulticast : 0U) |
           (promiscuous ? kFilterPromiscuous : 0U);
}

/// EPROTO for an answer of the wrong size, or an address that is zero or a group.
base::Result<MacAddress> mac_address(RndisClient& rndis) noexcept;
/// The one in use, which set_mac_address() may have changed.
base::Result<MacAddress> current_mac_address(RndisClient& rndis) noexcept;
/// Largest payload of a frame.
base::Result<std::uint32_t> maximum_frame_size(RndisClient& rndis) noexcept;
base::Result<bool> link_is_up(RndisClient& rndis) noexcept;
/// In Mbit/s; 0 when the host does not say.
base::Result<std::uint32_t> link_speed_mbps(RndisClient& rndis) noexcept;
int set_packet_filter(RndisClient& rndis, std::uint32_t filter) noexcept;
/// 0 when the host uses the address from now on; ENOTSUP when it says so but does not, as hosts do
/// that ignore parameters they do not know. Another address than it was is only known by asking.
int set_mac_address(RndisClient& rndis, const MacAddress& mac) noexcept;
/// The groups to deliver with kFilterMulticast. -EIO where the host has no such list.
int set_multicast_list(RndisClient& rndis, std::span<const MacAddress> groups) noexcept;

}  // namespace vmbus::netvsc::oids
