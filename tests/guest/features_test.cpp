// docs/nics/features/netvsc.ini, which features.cpp writes from what the port announces, is held
// against what the port does when it is asked. That offloads do what they say has tests of its own.
#include <array>
#include <cerrno>
#include <fstream>
#include <functional>
#include <set>

#include "looped_port.hpp"

namespace vmbus::guest {
namespace {

using FeaturesOfAPort = LoopedPort;

/// The names of the features that the driver has, in whole or in part.
std::set<std::string> features_file() {
    std::ifstream file(SOURCE_ROOT "/docs/nics/features/netvsc.ini");
    std::set<std::string> all;
    for (std::string line; std::getline(file, line);) {
        const auto equals = line.find('=');
        if (!line.starts_with(';') && equals != std::string::npos) {
            all.insert(line.substr(0, line.find_last_not_of(' ', equals - 1) + 1));
        }
    }
    return all;
}

/// Anything but "this driver has no such thing", and the port must be as it was.
bool works(int result) {
    return result != -ENOTSUP;
}

rte_eth_dev_info info() {
    rte_eth_dev_info info{};
    EXPECT_EQ(rte_eth_dev_info_get(0, &info), 0);
    return info;
}

bool tells_registers() {
    rte_dev_reg_info registers{};
    return works(rte_eth_dev_get_reg_info(0, &registers));
}

bool updates_table() {
    std::array<rte_eth_rss_reta_entry64, 2> unchanged{};
    return works(rte_eth_dev_rss_reta_update(0, unchanged.data(), info().reta_size));
}

bool updates_key() {
    alignas(4) std::array<std::uint8_t, 40> key{};
    rte_eth_rss_conf conf{.rss_key = key.data(), .rss_key_len = key.size(), .rss_hf = 0};
    return works(rte_eth_dev_rss_hash_conf_get(0, &conf)) &&
           works(rte_eth_dev_rss_hash_update(0, &conf));
}

bool starts_and_stops_queues() {
    return works(rte_eth_dev_rx_queue_stop(0, 1)) && works(rte_eth_dev_rx_queue_start(0, 1)) &&
           works(rte_eth_dev_tx_queue_stop(0, 1)) && works(rte_eth_dev_tx_queue_start(0, 1));
}

bool tells_burst_modes() {
    rte_eth_burst_mode mode{};
    return works(rte_eth_rx_burst_mode_get(0, 0, &mode)) &&
           works(rte_eth_tx_burst_mode_get(0, 0, &mode));
}

bool filters_addresses() {
    rte_ether_addr address{{2, 0, 0, 0, 0, 7}};
    return works(rte_eth_dev_mac_addr_add(0, &address, 0));
}

bool filters_groups() {
    rte_ether_addr group{{1, 0, 0x5e, 0, 0, 1}};
    return works(rte_eth_dev_set_mc_addr_list(0, &group, 1));
}

bool tells_version() {
    std::array<char, 64> text{};
    return works(rte_eth_dev_fw_version_get(0, text.data(), text.size()));
}

bool counts() {
    rte_eth_stats stats{};
    return works(rte_eth_stats_get(0, &stats));
}

bool tells_link() {
    rte_eth_link link{};
    return works(rte_eth_link_get_nowait(0, &link)) && link.link_speed != 0;
}

bool controls_flow() {
    rte_eth_fc_conf conf{};
    return works(rte_eth_dev_flow_ctrl_get(0, &conf));
}

const std::map<std::string, std::function<bool()>> kProbes = {
    {"Speed capabilities", [] { return info().speed_capa != 0; }},
    {"Link status", tells_link},
    {"Link status event", [] { return (*info().dev_flags & RTE_ETH_DEV_INTR_LSC) != 0; }},
    {"Removal event", [] { return (*info().dev_flags & RTE_ETH_DEV_INTR_RMV) != 0; }},
    {"Rx interrupt", [] { return works(rte_eth_dev_rx_intr_enable(0, 0)); }},
    {"Free Tx mbuf on demand", [] { return works(rte_eth_tx_done_cleanup(0, 0, 0)); }},
    {"Queue start/stop", starts_and_stops_queues},
    {"Burst mode info", tells_burst_modes},
    {"MTU update", [] { return works(rte_eth_dev_set_mtu(0, info().max_mtu)); }},
    {"Promiscuous mode", [] { return works(rte_eth_promiscuous_enable(0)); }},
    {"Allmulticast mode", [] { return works(rte_eth_allmulticast_enable(0)); }},
    {"Unicast MAC filter", filters_addresses},
    {"Multicast MAC filter", filters_groups},
    {"RSS hash", [] { return (info().rx_offload_capa & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0; }},
    {"RSS key update", updates_key},
    {"RSS reta update", updates_table},
    {"Flow control", controls_flow},
    {"Packet type parsing",
     [] { return rte_eth_dev_get_supported_ptypes(0, RTE_PTYPE_ALL_MASK, nullptr, 0) > 0; }},
    {"Rx descriptor status", [] { return works(rte_eth_rx_descriptor_status(0, 0, 0)); }},
    {"Tx descriptor status", [] { return works(rte_eth_tx_descriptor_status(0, 0, 0)); }},
    {"Basic stats", counts},
    {"Extended stats", [] { return rte_eth_xstats_get(0, nullptr, 0) > 0; }},
    {"FW version", tells_version},
    {"EEPROM dump", [] { return works(rte_eth_dev_get_eeprom_length(0)); }},
    {"Registers dump", tells_registers},
};

TEST_F(FeaturesOfAPort, AreThoseOfTheFile) {
    set_up({.rx_queues = 2, .tx_queues = 2, .interrupts = true});
    const auto file = features_file();
    for (const auto& [name, probe] : kProbes) {
        EXPECT_EQ(file.contains(name), probe()) << name;
    }
}

}  // namespace
}  // namespace vmbus::guest
