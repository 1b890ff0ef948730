// What a port tells an application of itself, and what it refuses.
#include <algorithm>
#include <array>
#include <cerrno>

#include "looped_port.hpp"

namespace vmbus::guest {
namespace {

using PortInfo = LoopedPort;

rte_eth_dev_info info_of(std::uint16_t port) {
    rte_eth_dev_info info{};
    EXPECT_EQ(rte_eth_dev_info_get(port, &info), 0);
    return info;
}

// row: limits
TEST_F(PortInfo, LimitsAreThoseOfHostAndDriver) {
    const auto info = info_of(kPort);
    EXPECT_EQ(info.max_rx_queues, 64);
    EXPECT_EQ(info.max_tx_queues, 64);
    EXPECT_EQ(info.max_mac_addrs, 1U);
    EXPECT_EQ(info.hash_key_size, 40);
    EXPECT_EQ(info.reta_size, 128);
    EXPECT_EQ(info.min_rx_bufsize, 1024U);
    EXPECT_EQ(info.max_rx_pktlen, info.max_mtu + 18U);
    EXPECT_EQ(info.rx_desc_lim.nb_max, 4096);
    EXPECT_EQ(info.tx_desc_lim.nb_seg_max, 32);
}

// row: link_update, speed_capa
TEST_F(PortInfo, SpeedIsOneThatThePortCan) {
    set_up({});
    rte_eth_link link{};
    ASSERT_EQ(rte_eth_link_get_nowait(kPort, &link), 0);
    EXPECT_EQ(link.link_status, RTE_ETH_LINK_UP);
    EXPECT_EQ(link.link_duplex, RTE_ETH_LINK_FULL_DUPLEX);
    EXPECT_NE(rte_eth_speed_bitflag(link.link_speed, RTE_ETH_LINK_FULL_DUPLEX) &
                  info_of(kPort).speed_capa,
              0U);
}

// row: queue_info_get
TEST_F(PortInfo, QueuesAreAsTheyWereSetUpAndStateIsToldFromStartToStop) {
    set_up({.rx_queues = 2, .tx_queues = 2});
    for (const auto state : {RTE_ETH_QUEUE_STATE_STARTED, RTE_ETH_QUEUE_STATE_STOPPED}) {
        rte_eth_rxq_info rx{};
        rte_eth_txq_info tx{};
        ASSERT_EQ(rte_eth_rx_queue_info_get(kPort, 1, &rx), 0);
        ASSERT_EQ(rte_eth_tx_queue_info_get(kPort, 1, &tx), 0);
        EXPECT_EQ(rx.mp, rte_mempool_lookup("guest"));
        EXPECT_EQ(rx.nb_desc, 256);
        EXPECT_EQ(tx.nb_desc, 256);
        EXPECT_EQ(rx.queue_state, state);
        EXPECT_EQ(tx.queue_state, state);
        stop();
    }
}

// row: supported_ptypes_get
TEST_F(PortInfo, PacketTypesAreToldWithoutAVirtualFunction) {
    std::array<std::uint32_t, 32> types{};
    const int count = rte_eth_dev_get_supported_ptypes(kPort, RTE_PTYPE_ALL_MASK, types.data(),
                                                       static_cast<int>(types.size()));
    ASSERT_GT(count, 0);
    EXPECT_NE(std::find(types.begin(), types.begin() + count, RTE_PTYPE_L4_TCP),
              types.begin() + count);
}

// row: reta_update
TEST_F(PortInfo, TableOfAnotherSizeOrToAQueueThatIsNotThereIsRefused) {
    set_up({.rx_queues = 2, .tx_queues = 2});
    std::array<rte_eth_rss_reta_entry64, 2> table{};
    table[0] = {.mask = 1, .reta = {2}};
    EXPECT_EQ(rte_eth_dev_rss_reta_update(kPort, table.data(), 128), -EINVAL);
    table[0].reta[0] = 1;
    EXPECT_EQ(rte_eth_dev_rss_reta_update(kPort, table.data(), 64), -EINVAL);
    EXPECT_EQ(rte_eth_dev_rss_reta_update(kPort, table.data(), 128), 0);
}

// row: mtu_set
TEST_F(PortInfo, NewMtuTakesAStoppedPortAndAHostThatTakesIt) {
    set_up({});
    EXPECT_EQ(rte_eth_dev_set_mtu(kPort, 1400), -EBUSY);
    stop();
    EXPECT_EQ(rte_eth_dev_set_mtu(kPort, static_cast<std::uint16_t>(info_of(kPort).max_mtu + 1)),
              -EINVAL);
    ASSERT_EQ(rte_eth_dev_set_mtu(kPort, 1400), 0);
    std::uint16_t mtu = 0;
    ASSERT_EQ(rte_eth_dev_get_mtu(kPort, &mtu), 0);
    EXPECT_EQ(mtu, 1400);
    set_up({});
    EXPECT_EQ(exchange(4, 4).size(), 16U);
}

// row: stats_get
TEST_F(PortInfo, StatisticsAreSumsOfTheQueuesAndStartAnew) {
    set_up({.rx_queues = 4, .tx_queues = 4});
    exchange(64, 4);
    rte_eth_stats stats{};
    ASSERT_EQ(rte_eth_stats_get(kPort, &stats), 0);
    EXPECT_EQ(stats.ipackets, 256U);
    EXPECT_EQ(stats.opackets, 256U);
    EXPECT_EQ(stats.ibytes, stats.obytes);
    EXPECT_EQ(stats.imissed + stats.ierrors + stats.oerrors + stats.rx_nombuf, 0U);
    EXPECT_EQ(stats.q_ipackets[0] + stats.q_ipackets[1] + stats.q_ipackets[2] + stats.q_ipackets[3],
              256U);
    ASSERT_EQ(rte_eth_stats_reset(kPort), 0);
    ASSERT_EQ(rte_eth_stats_get(kPort, &stats), 0);
    EXPECT_EQ(stats.ipackets + stats.opackets, 0U);
}

}  // namespace
}  // namespace vmbus::guest
