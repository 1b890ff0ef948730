// Device arguments: "key=value,key=value" as given with -a, checked. The keys of the distribution's
// driver are known, so that a command line for it works here; those that ask for something this
// driver does not do are refused unless they ask for what it does anyway.
// Pure. No DPDK. Docs: docs/nics/netvsc.md, "Device arguments".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ring/writer.hpp"

namespace vmbus::netvsc {

struct DeviceArguments {
    /// How soon the host looks at the monitor bit; 16 bits of 100 ns.
    std::uint32_t latency_us = 50;
    /// Packets up to this are copied into a section of the send buffer. A full frame costs some
    /// 50 ns to copy; its pages cost the host a mapping, and three such frames share one message.
    std::uint32_t tx_copybreak = 1536;
    ring::Publication ring_mode = ring::Publication::kOrdered;
    bool vf = true;  ///< take the virtual function that the host offers
    /// Whether applications are told the NIC's NUMA node, and so put queues and mbufs there.
    bool numa_aware = true;
};

inline constexpr std::uint32_t kMaxLatencyUs = 6553;
inline constexpr std::uint32_t kMaxCopybreak = 65536;
/// For tools that list a driver's parameters.
inline constexpr char kParameters[] =
    "latency=<uint32> rx_copybreak=<uint32> tx_copybreak=<uint32> rx_extmbuf_enable=<0> "
    "ring_mode=<single|ordered|relaxed> vf=<on|off> numa_aware=<0|1>";

/// False with the reason in `problem`, which names key and value.
bool parse_arguments(std::string_view text, DeviceArguments& arguments, std::string& problem);

}  // namespace vmbus::netvsc
