// What a port is configured with: queues, spreading, frame size and offloads, from what it can and
// what the command line asks for. Pure functions.
#pragma once

#include <rte_ethdev.h>

#include <cstdint>

#include "options.hpp"

namespace netvsc_fwd {

/// What csum leaves to ports, as far as they can.
inline constexpr std::uint64_t kTxChecksums =
    RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM;

/// Throws std::runtime_error when the port cannot do what is asked for.
rte_eth_conf configuration_for(const rte_eth_dev_info& port, const Options& options);

/// The largest frame, without FCS, at this MTU.
constexpr std::uint32_t frame_bytes_of(std::uint32_t mtu) {
    return mtu + RTE_ETHER_HDR_LEN;
}

}  // namespace netvsc_fwd
