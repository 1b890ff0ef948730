// The spread of a NIC over its queues is that of its virtual function too: types and table, as they
// change while the VF carries the data. The VF is a port that remembers both.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "looped_port.hpp"

namespace vmbus::guest {
namespace {

constexpr std::size_t kEntries = 128;
using Table = std::array<rte_eth_rss_reta_entry64, kEntries / RTE_ETH_RETA_GROUP_SIZE>;

class SpreadOfAVf : public LoopedPort {
protected:
    void SetUp() override {
        rte_ether_addr mac{};
        ASSERT_EQ(rte_eth_dev_get_port_by_name("net_null0", &vf_), 0);
        ASSERT_EQ(rte_eth_macaddr_get(kPort, &mac), 0);
        ASSERT_EQ(rte_eth_dev_default_mac_addr_set(vf_, &mac), 0);
        set_up({.rx_queues = 2, .tx_queues = 2});
        while (xstat("vf_active") == 0) receive(0);
    }
    static Table table_of(std::uint16_t port) {
        Table table{};
        for (auto& group : table) group.mask = ~std::uint64_t{0};
        EXPECT_EQ(rte_eth_dev_rss_reta_query(port, table.data(), kEntries), 0);
        return table;
    }

    std::uint16_t vf_ = 0;
};

TEST_F(SpreadOfAVf, FollowsTheTableOfTheNic) {
    Table table = table_of(kPort);
    for (auto& group : table) std::fill(std::begin(group.reta), std::end(group.reta), 1);
    ASSERT_EQ(rte_eth_dev_rss_reta_update(kPort, table.data(), kEntries), 0);
    for (const auto& group : table_of(vf_)) {
        EXPECT_TRUE(std::all_of(std::begin(group.reta), std::end(group.reta),
                                [](std::uint16_t queue) { return queue == 1; }));
    }
}

TEST_F(SpreadOfAVf, FollowsTheHashTypesOfTheNic) {
    rte_eth_rss_conf conf{.rss_key = nullptr, .rss_key_len = 0, .rss_hf = RTE_ETH_RSS_IPV4};
    ASSERT_EQ(rte_eth_dev_rss_hash_update(kPort, &conf), 0);
    conf = {};
    ASSERT_EQ(rte_eth_dev_rss_hash_conf_get(vf_, &conf), 0);
    EXPECT_EQ(conf.rss_hf, RTE_ETH_RSS_IPV4);
}

}  // namespace
}  // namespace vmbus::guest
