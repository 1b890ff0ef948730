#include "netvsc-fwd/port_setup.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace netvsc_fwd {
namespace {

struct PortSetup : testing::Test {
    PortSetup() {
        port.min_mtu = 68;
        port.max_mtu = 9000;
        port.max_rx_pktlen = 9018;
        port.rx_offload_capa = RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_UDP_CKSUM;
        port.tx_offload_capa = RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
        port.flow_type_rss_offloads = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP;
    }
    rte_eth_conf conf() const { return configuration_for(port, options); }

    rte_eth_dev_info port{};
    Options options;
};

TEST_F(PortSetup, AsksForNothingThatNobodyAskedFor) {
    EXPECT_EQ(conf().rxmode.mtu, 0U);
    EXPECT_EQ(conf().rxmode.offloads, 0U);
    EXPECT_EQ(conf().txmode.offloads, 0U);
    EXPECT_EQ(conf().rxmode.mq_mode, RTE_ETH_MQ_RX_NONE);
}

TEST_F(PortSetup, LongestFrameIsAnMtuAndWhatTheDriverPutsAroundIt) {
    options.max_pkt_len = 1518;
    EXPECT_EQ(conf().rxmode.mtu, 1500U);
    EXPECT_EQ(conf().rxmode.offloads, 0U);
    port.max_rx_pktlen = 9026;  // two tags
    EXPECT_EQ(conf().rxmode.mtu, 1492U);
    port.max_mtu = UINT16_MAX;  // does not say
    EXPECT_EQ(conf().rxmode.mtu, 1500U);
}

TEST_F(PortSetup, FramesLongerThanABufferAreScattered) {
    options.max_pkt_len = 9018;
    EXPECT_EQ(conf().rxmode.offloads, RTE_ETH_RX_OFFLOAD_SCATTER);
    EXPECT_EQ(conf().txmode.offloads, RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
    port.rx_offload_capa = 0;
    EXPECT_THROW(conf(), std::runtime_error);
}

TEST_F(PortSetup, RefusesFramesThatThePortDoesNotTake) {
    options.max_pkt_len = 9019;
    EXPECT_THROW(conf(), std::runtime_error);
    options.max_pkt_len = 80;
    EXPECT_THROW(conf(), std::runtime_error);
}

TEST_F(PortSetup, SegmentsWantTheOffloadAndRoom) {
    options.txpkts = {64, 64, 64};
    EXPECT_EQ(conf().txmode.offloads, RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
    port.tx_desc_lim.nb_seg_max = 2;
    EXPECT_THROW(conf(), std::runtime_error);
}

TEST_F(PortSetup, ChecksumsAreAskedForAsFarAsThePortCan) {
    options.mode = Mode::kChecksum;
    EXPECT_EQ(conf().rxmode.offloads, RTE_ETH_RX_OFFLOAD_UDP_CKSUM);
    EXPECT_EQ(conf().txmode.offloads, RTE_ETH_TX_OFFLOAD_IPV4_CKSUM);
}

TEST_F(PortSetup, SpreadsByWhatWasAskedForAndThePortCan) {
    const auto hashes = [this](RssTypes types) {
        options.rss = types;
        return conf().rx_adv_conf.rss_conf.rss_hf;
    };
    options.rxq = 2;
    EXPECT_EQ(hashes(RssTypes::kIp), RTE_ETH_RSS_IP);
    EXPECT_EQ(hashes(RssTypes::kUdp), RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP);
    port.flow_type_rss_offloads = RTE_ETH_RSS_TCP;
    EXPECT_EQ(hashes(RssTypes::kAll), RTE_ETH_RSS_TCP);
    EXPECT_EQ(conf().rxmode.mq_mode, RTE_ETH_MQ_RX_RSS);
}

}  // namespace
}  // namespace netvsc_fwd
