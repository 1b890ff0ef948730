// Offloads in the words of ethdev and of the host. ethdev has one word for IPv4 and IPv6: it is
// announced where the host has either, and tx_prepare deals with the other. Pure; control threads.
#pragma once

#include <rte_ethdev.h>

#include <cstdint>

#include "net/netvsc/control/offloads.hpp"
#include "net/netvsc/tx_prepare.hpp"

namespace vmbus::netvsc {

/// What the host makes of TCP segments is an IP packet at most.
inline constexpr std::uint32_t kMaxCoalesced = 65535;

/// What works on every host.
inline constexpr std::uint64_t kOwnRxOffloads =
    RTE_ETH_RX_OFFLOAD_VLAN_STRIP | RTE_ETH_RX_OFFLOAD_SCATTER;
inline constexpr std::uint64_t kOwnTxOffloads =
    RTE_ETH_TX_OFFLOAD_VLAN_INSERT | RTE_ETH_TX_OFFLOAD_MULTI_SEGS;

/// One checksum in the words of ethdev.
struct ChecksumName {
    Checksum bits;  ///< of either IP version
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

/// What an application has configured, of either IP version.
inline ChecksumOffloads checksums_of(const rte_eth_conf& conf) noexcept {
    ChecksumOffloads wanted;
    for (const ChecksumName& name : kChecksumNames) {
        if ((conf.txmode.offloads & name.tx_offload) != 0) {
            wanted.tx |= name.bits;
        }
        if ((conf.rxmode.offloads & name.rx_offload) != 0) {
            wanted.rx |= name.bits;
        }
    }
    return wanted;
}

/// What of it the host is told to do.
inline UsedOffloads used_of(const rte_eth_conf& conf, const HostOffloads& host) noexcept {
    const ChecksumOffloads wanted = checksums_of(conf);
    const bool segment = (conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_TCP_TSO) != 0;
    const bool coalesce = (conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_TCP_LRO) != 0;
    return {.checksums = {.tx = static_cast<std::uint8_t>(wanted.tx & host.checksums.tx),
                          .rx = static_cast<std::uint8_t>(wanted.rx & host.checksums.rx)},
            .lso_ipv4 = segment && host.lso_ipv4.offered(),
            .lso_ipv6 = segment && host.lso_ipv6.offered(),
            .coalesce = coalesce && host.coalesces};
}

/// What the packets of a port that is configured so may ask for.
inline TxAbilities abilities_of(const rte_eth_conf& conf, const HostOffloads& host,
                                std::uint32_t max_frame) noexcept {
    const UsedOffloads used = used_of(conf, host);
    const std::uint8_t wanted = checksums_of(conf).tx & (kChecksumTcp | kChecksumUdp);
    return {.checksums = used.checksums.tx,
            .software = static_cast<std::uint8_t>(wanted & ~used.checksums.tx),
            .lso_ipv4 = used.lso_ipv4 ? host.lso_ipv4 : LsoLimits{},
            .lso_ipv6 = used.lso_ipv6 ? host.lso_ipv6 : LsoLimits{},
            .max_frame = max_frame};
}

/// The mbuf flags in which the verdicts on these checksums are reported.
inline std::uint64_t reported_flags(std::uint8_t rx) noexcept {
    std::uint64_t flags = 0;
    for (const ChecksumName& name : kChecksumNames) {
        flags |= (rx & name.bits) != 0 ? name.rx_flags : 0;
    }
    return flags;
}

/// The capabilities: our own and what the host can. Large frames do not fit a section: without
/// guest-physical addresses there is no segmentation.
inline void announce(const HostOffloads& host, bool addresses_known,
                     rte_eth_dev_info& info) noexcept {
    info.tx_offload_capa |= kOwnTxOffloads;
    info.rx_offload_capa |= kOwnRxOffloads;
    for (const ChecksumName& name : kChecksumNames) {
        info.tx_offload_capa |= (host.checksums.tx & name.bits) != 0 ? name.tx_offload : 0;
        info.rx_offload_capa |= (host.checksums.rx & name.bits) != 0 ? name.rx_offload : 0;
    }
    if (addresses_known && (host.lso_ipv4.offered() || host.lso_ipv6.offered())) {
        info.tx_offload_capa |= RTE_ETH_TX_OFFLOAD_TCP_TSO;
    }
    if (host.coalesces) {
        info.rx_offload_capa |= RTE_ETH_RX_OFFLOAD_TCP_LRO;
        info.max_lro_pkt_size = kMaxCoalesced;
    }
}

}  // namespace vmbus::netvsc
