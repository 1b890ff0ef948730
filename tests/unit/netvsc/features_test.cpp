// docs/nics/features/netvsc.ini says what the driver announces on a host that can everything.
#include <gtest/gtest.h>

#include "net/netvsc/ethdev_offloads.hpp"
#include "support/features_file.hpp"

namespace vmbus::netvsc {
namespace {

constexpr std::uint8_t kAll = kChecksumIpv4 | kChecksumTcp | kChecksumUdp;
constexpr HostOffloads kCapable{.checksums = {.tx = kAll, .rx = kAll},
                                .lso_ipv4 = {62780, 2},
                                .lso_ipv6 = {62780, 2},
                                .coalesces = true};

rte_eth_dev_info announced(const HostOffloads& host) {
    rte_eth_dev_info info{};
    announce(host, true, info);
    return info;
}

struct Row {
    const char* name;
    std::uint64_t tx;
    std::uint64_t rx;
};
constexpr Row kRows[] = {
    {"Scattered Rx", 0, RTE_ETH_RX_OFFLOAD_SCATTER},
    {"LRO", 0, RTE_ETH_RX_OFFLOAD_TCP_LRO},
    {"TSO", RTE_ETH_TX_OFFLOAD_TCP_TSO, 0},
    {"VLAN filter", 0, RTE_ETH_RX_OFFLOAD_VLAN_FILTER},
    {"VLAN offload", RTE_ETH_TX_OFFLOAD_VLAN_INSERT, RTE_ETH_RX_OFFLOAD_VLAN_STRIP},
    {"QinQ offload", RTE_ETH_TX_OFFLOAD_QINQ_INSERT, RTE_ETH_RX_OFFLOAD_QINQ_STRIP},
    {"L3 checksum offload", RTE_ETH_TX_OFFLOAD_IPV4_CKSUM, RTE_ETH_RX_OFFLOAD_IPV4_CKSUM},
    {"L4 checksum offload", RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM,
     RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM},
    {"Inner L3 checksum", RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM, RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM},
    {"Inner L4 checksum", RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM, RTE_ETH_RX_OFFLOAD_OUTER_UDP_CKSUM},
};

TEST(Features, FileSaysWhatIsAnnounced) {
    const auto said = support::features_file();
    const auto info = announced(kCapable);
    for (const Row& row : kRows) {
        ASSERT_TRUE(said.contains(row.name)) << row.name;
        const bool there =
            (info.tx_offload_capa & row.tx) == row.tx && (info.rx_offload_capa & row.rx) == row.rx;
        EXPECT_EQ(said.at(row.name), there) << row.name;
    }
}

TEST(Features, HostThatCanNothingStillHasWhatTheDriverDoes) {
    const auto info = announced({});
    EXPECT_EQ(info.tx_offload_capa, kOwnTxOffloads);
    EXPECT_EQ(info.rx_offload_capa, kOwnRxOffloads);
}

}  // namespace
}  // namespace vmbus::netvsc
