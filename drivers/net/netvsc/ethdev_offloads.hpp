// Checksum offloads in the words of ethdev and of the host. Pure; control threads.
#pragma once

#include <rte_ethdev.h>

#include <cstdint>

#include "net/netvsc/control/offloads.hpp"

namespace vmbus::netvsc {

/// One checksum in the words of ethdev.
struct ChecksumName {
    Checksum bit;
    std::uint64_t tx_offload;
    std::uint64_t rx_offload;
    std::uint64_t rx_flags;  ///< of the mbufs that it is reported in
};
inline constexpr ChecksumName kChecksumNames[] = {
    {kChecksumIpv4, RTE_ETH_TX_OFFLOAD_IPV4_CKSUM, RTE_ETH_RX_OFFLOAD_IPV4_CKSUM,
     RTE_MBUF_F_RX_IP_CKSUM_MASK},
    {kChecksumTcp, RTE_ETH_TX_OFFLOAD_TCP_CKSUM, RTE_ETH_RX_OFFLOAD_TCP_CKSUM,
     RTE_MBUF_F_RX_L4_CKSUM_MASK},
    {kChecksumUdp, RTE_ETH_TX_OFFLOAD_UDP_CKSUM, RTE_ETH_RX_OFFLOAD_UDP_CKSUM,
     RTE_MBUF_F_RX_L4_CKSUM_MASK},
};

/// What an application has configured.
inline ChecksumOffloads checksums_of(const rte_eth_conf& conf) noexcept {
    ChecksumOffloads wanted;
    for (const ChecksumName& name : kChecksumNames) {
        if ((conf.txmode.offloads & name.tx_offload) != 0) {
            wanted.tx |= name.bit;
        }
        if ((conf.rxmode.offloads & name.rx_offload) != 0) {
            wanted.rx |= name.bit;
        }
    }
    return wanted;
}

/// The mbuf flags in which the verdicts on these checksums are reported.
inline std::uint64_t reported_flags(std::uint8_t rx) noexcept {
    std::uint64_t flags = 0;
    for (const ChecksumName& name : kChecksumNames) {
        flags |= (rx & name.bit) != 0 ? name.rx_flags : 0;
    }
    return flags;
}

/// Adds what the host can to the capabilities.
inline void announce(const ChecksumOffloads& host, rte_eth_dev_info& info) noexcept {
    for (const ChecksumName& name : kChecksumNames) {
        info.tx_offload_capa |= (host.tx & name.bit) != 0 ? name.tx_offload : 0;
        info.rx_offload_capa |= (host.rx & name.bit) != 0 ? name.rx_offload : 0;
    }
}

}  // namespace vmbus::netvsc
