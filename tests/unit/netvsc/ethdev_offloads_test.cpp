#include "net/netvsc/ethdev_offloads.hpp"

#include <gtest/gtest.h>

namespace vmbus::netvsc {
namespace {

TEST(EthdevOffloads, AnnouncesWhatTheHostCanAndNoMore) {
    rte_eth_dev_info info{};
    announce({.tx = kChecksumTcp, .rx = kChecksumIpv4 | kChecksumUdp}, info);
    EXPECT_EQ(info.tx_offload_capa, RTE_ETH_TX_OFFLOAD_TCP_CKSUM);
    EXPECT_EQ(info.rx_offload_capa, RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM);
}

TEST(EthdevOffloads, ReadsWhatWasConfigured) {
    rte_eth_conf conf{};
    conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
    conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
    EXPECT_EQ(checksums_of(conf), (ChecksumOffloads{.tx = kChecksumUdp, .rx = kChecksumTcp}));
}

TEST(EthdevOffloads, ReportsOnlyWhatWasAskedFor) {
    EXPECT_EQ(reported_flags(0), 0U);
    EXPECT_EQ(reported_flags(kChecksumIpv4), RTE_MBUF_F_RX_IP_CKSUM_MASK);
    EXPECT_EQ(reported_flags(kChecksumUdp), RTE_MBUF_F_RX_L4_CKSUM_MASK);
}

}  // namespace
}  // namespace vmbus::netvsc
