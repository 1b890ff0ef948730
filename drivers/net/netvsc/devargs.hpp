// Device arguments: "key=value,key=value" as given with -a, checked. The keys of the distribution's
// driver are known, so that a command line for it works here; those that ask for something this
// driver does not do are refused unless they ask for what it does anyway.
// Pure. No DPDK. Docs: docs/nics/netvsc.md, "Device arguments".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bus/vmbus/kernel_release.hpp"
#include "ring/writer.hpp"

namespace vmbus::netvsc {

inline constexpr std::uint32_t kMaxLatencyUs = 6553;
inline constexpr std::uint32_t kMaxCopybreak = 65536;
inline constexpr std::uint32_t kMaxAckBatch = 64;
inline constexpr std::uint32_t kMaxAggregatedPackets = 1024;
/// Less than two small packets need no limit in bytes.
inline constexpr std::uint32_t kMinAggregatedBytes = 256;

struct DeviceArguments {
    /// How soon the host looks at the monitor bit; 16 bits of 100 ns.
    std::uint32_t latency_us = 50;
    /// Packets up to this are copied into a section of the send buffer. A full frame costs some
    /// 50 ns to copy; its pages cost the host a mapping, and three such frames share one message.
    std::uint32_t tx_copybreak = 1536;
    /// Received frames larger than rx_copybreak are lent where they lie.
    bool rx_extmbuf = false;
    std::uint32_t rx_copybreak = 256;
    /// Packets that are given back to the host at once.
    std::uint32_t rx_ack_batch = 8;
    /// What packets that share a section are at most, where the host allows as much.
    std::uint32_t tx_agg_packets = kMaxAggregatedPackets;
    std::uint32_t tx_agg_bytes = kMaxCopybreak;
    ring::Publication ring_mode = ring::Publication::kOrdered;
    bool vf = true;  ///< take the virtual function that the host offers
    /// Whether applications are told the NIC's NUMA node, and so put queues and mbufs there.
    bool numa_aware = true;
    /// Whether the queues of sub-channels may have interrupts.
    bus::SubChannelTrust rx_interrupts = bus::SubChannelTrust::kByRelease;
    /// Whether sub-channels without a monitor bit may be used.
    bus::SubChannelTrust signals = bus::SubChannelTrust::kByRelease;
    bool frame_xstats = false;  ///< frames are counted by size and kind of address

    bool operator==(const DeviceArguments&) const = default;
};

/// For tools that list a driver's parameters.
inline constexpr char kParameters[] =
    "latency=<uint32> rx_copybreak=<uint32> tx_copybreak=<uint32> rx_extmbuf_enable=<0|1> "
    "rx_ack_batch=<uint32> tx_agg_packets=<uint32> tx_agg_bytes=<uint32> "
    "ring_mode=<single|ordered|relaxed> vf=<on|off> numa_aware=<0|1> "
    "rx_interrupts=<auto|primary|all> signals=<auto|primary|all> "
    "frame_xstats=<0|1>";

/// False with the reason in `problem`, which names key and value.
bool parse_arguments(std::string_view text, DeviceArguments& arguments, std::string& problem);

}  // namespace vmbus::netvsc
