#include "net/netvsc/ethdev_offloads.hpp"

#include <gtest/gtest.h>

namespace vmbus::netvsc {
namespace {

constexpr LsoLimits kLso{.max_bytes = 62780, .min_segments = 2};

/// But for what works on every host.
rte_eth_dev_info announced(const HostOffloads& host, bool addresses_known = true) {
    rte_eth_dev_info info{};
    announce(host, addresses_known, info);
    info.tx_offload_capa &= ~kOwnTxOffloads;
    info.rx_offload_capa &= ~kOwnRxOffloads;
    return info;
}
rte_eth_conf configured(std::uint64_t tx, std::uint64_t rx = 0) {
    rte_eth_conf conf{};
    conf.txmode.offloads = tx;
    conf.rxmode.offloads = rx;
    return conf;
}

TEST(EthdevOffloads, AnnouncesWhatTheHostCanAndNoMore) {
    const auto info =
        announced({.checksums = {.tx = kChecksumTcp, .rx = kChecksumIpv4 | kChecksumUdp}});
    EXPECT_EQ(info.tx_offload_capa, RTE_ETH_TX_OFFLOAD_TCP_CKSUM);
    EXPECT_EQ(info.rx_offload_capa, RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM);
    EXPECT_EQ(info.max_lro_pkt_size, 0U);
}

TEST(EthdevOffloads, AnnouncesOnEveryHostWhatTheDriverDoesItself) {
    rte_eth_dev_info info{};
    announce({}, false, info);
    EXPECT_EQ(info.tx_offload_capa, kOwnTxOffloads);
    EXPECT_EQ(info.rx_offload_capa, kOwnRxOffloads);
}

// row: tx_capabilities, rx_capabilities
TEST(EthdevOffloads, AnnouncesWhatTheHostHasForOneIpVersion) {
    EXPECT_EQ(announced({.checksums = {.tx = kChecksumUdp4}}).tx_offload_capa,
              RTE_ETH_TX_OFFLOAD_UDP_CKSUM);
    EXPECT_EQ(announced({.lso_ipv4 = kLso}).tx_offload_capa, RTE_ETH_TX_OFFLOAD_TCP_TSO);
    EXPECT_EQ(announced({.lso_ipv6 = kLso}).tx_offload_capa, RTE_ETH_TX_OFFLOAD_TCP_TSO);
}

TEST(EthdevOffloads, AnnouncesSegmentationOnlyWhereLargeFramesCanBeSent) {
    EXPECT_EQ(announced({.lso_ipv4 = kLso, .lso_ipv6 = kLso}, false).tx_offload_capa, 0U);
}

TEST(EthdevOffloads, AnnouncesCoalescingWithItsLimit) {
    const auto info = announced({.coalesces = true});
    EXPECT_EQ(info.rx_offload_capa, RTE_ETH_RX_OFFLOAD_TCP_LRO);
    EXPECT_EQ(info.max_lro_pkt_size, kMaxCoalesced);
}

TEST(EthdevOffloads, ReadsWhatWasConfigured) {
    const auto conf = configured(RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_MULTI_SEGS,
                                 RTE_ETH_RX_OFFLOAD_TCP_CKSUM);
    EXPECT_EQ(checksums_of(conf), (ChecksumOffloads{.tx = kChecksumUdp, .rx = kChecksumTcp}));
}

TEST(EthdevOffloads, AsksTheHostForWhatItCanOfWhatWasConfigured) {
    const auto conf = configured(RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_TSO,
                                 RTE_ETH_RX_OFFLOAD_TCP_LRO);
    const HostOffloads host{.checksums = {.tx = kChecksumUdp4, .rx = kChecksumTcp},
                            .lso_ipv6 = kLso,
                            .coalesces = true};
    EXPECT_EQ(
        used_of(conf, host),
        (UsedOffloads{.checksums = {.tx = kChecksumUdp4}, .lso_ipv6 = true, .coalesce = true}));
    EXPECT_EQ(used_of(configured(0), host), UsedOffloads{});
}

TEST(EthdevOffloads, TheOtherIpVersionIsComputedHere) {
    const auto can = abilities_of(configured(RTE_ETH_TX_OFFLOAD_UDP_CKSUM),
                                  {.checksums = {.tx = kChecksumUdp4 | kChecksumTcp}}, 1518);
    EXPECT_EQ(can.checksums, kChecksumUdp4);
    EXPECT_EQ(can.software, kChecksumUdp6);
    EXPECT_FALSE(can.lso_ipv4.offered());
    EXPECT_EQ(can.max_frame, 1518U);
}

TEST(EthdevOffloads, ReportsOnlyWhatWasAskedFor) {
    EXPECT_EQ(reported_flags(0), 0U);
    EXPECT_EQ(reported_flags(kChecksumIpv4), RTE_MBUF_F_RX_IP_CKSUM_MASK);
    EXPECT_EQ(reported_flags(kChecksumUdp4), RTE_MBUF_F_RX_L4_CKSUM_MASK);
}

}  // namespace
}  // namespace vmbus::netvsc
