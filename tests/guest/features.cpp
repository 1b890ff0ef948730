// Writes docs/nics/features/netvsc.ini from what port 0 announces, by its capability bits and its
// table of operations; the emulated host can everything. features_test.cpp asks the port whether it
// is true. Started as any program of DPDK is, with FILE behind "--", or --check FILE: then nothing
// is written, and the exit status is 1 when the file is another.
#include <ethdev_driver.h>
#include <rte_eal.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace vmbus::guest {
namespace {

struct Announced {
    rte_eth_dev_info info{};
    const rte_eth_dev& port;
    const eth_dev_ops& ops;

    bool rx(std::uint64_t offloads) const { return (info.rx_offload_capa & offloads) == offloads; }
    bool tx(std::uint64_t offloads) const { return (info.tx_offload_capa & offloads) == offloads; }
    bool can(std::uint64_t capabilities) const { return (info.dev_capa & capabilities) != 0; }
    bool flag(std::uint32_t flag) const { return (*info.dev_flags & flag) != 0; }
};

struct Row {
    const char* name;
    bool (*has)(const Announced& a);
};

/// By the names that DPDK's doc/guides/nics/features.rst gives them, with what it says that each
/// consists of.
constexpr Row kRows[] = {
    {"Speed capabilities", [](auto& a) { return a.info.speed_capa != 0; }},
    {"Link status", [](auto& a) { return a.ops.link_update != nullptr; }},
    {"Link status event", [](auto& a) { return a.flag(RTE_ETH_DEV_INTR_LSC); }},
    {"Removal event", [](auto& a) { return a.flag(RTE_ETH_DEV_INTR_RMV); }},
    {"Rx interrupt",
     [](auto& a) { return a.ops.rx_queue_intr_enable && a.ops.rx_queue_intr_disable; }},
    {"Lock-free Tx queue", [](auto& a) { return a.tx(RTE_ETH_TX_OFFLOAD_MT_LOCKFREE); }},
    {"Fast mbuf free", [](auto& a) { return a.tx(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE); }},
    {"Free Tx mbuf on demand", [](auto& a) { return a.ops.tx_done_cleanup != nullptr; }},
    {"Queue start/stop",
     [](auto& a) {
         return a.ops.rx_queue_start && a.ops.rx_queue_stop && a.ops.tx_queue_start &&
                a.ops.tx_queue_stop;
     }},
    {"Runtime Rx queue setup",
     [](auto& a) { return a.can(RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP); }},
    {"Runtime Tx queue setup",
     [](auto& a) { return a.can(RTE_ETH_DEV_CAPA_RUNTIME_TX_QUEUE_SETUP); }},
    {"Shared Rx queue", [](auto& a) { return a.can(RTE_ETH_DEV_CAPA_RXQ_SHARE); }},
    {"Burst mode info", [](auto& a) { return a.ops.rx_burst_mode_get && a.ops.tx_burst_mode_get; }},
    {"MTU update", [](auto& a) { return a.ops.mtu_set && a.info.max_mtu > RTE_ETHER_MTU; }},
    {"Buffer split on Rx", [](auto& a) { return a.rx(RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT); }},
    {"Scattered Rx", [](auto& a) { return a.rx(RTE_ETH_RX_OFFLOAD_SCATTER); }},
    {"LRO",
     [](auto& a) { return a.rx(RTE_ETH_RX_OFFLOAD_TCP_LRO) && a.info.max_lro_pkt_size != 0; }},
    {"TSO", [](auto& a) { return a.tx(RTE_ETH_TX_OFFLOAD_TCP_TSO); }},
    {"Promiscuous mode",
     [](auto& a) { return a.ops.promiscuous_enable && a.ops.promiscuous_disable; }},
    {"Allmulticast mode",
     [](auto& a) { return a.ops.allmulticast_enable && a.ops.allmulticast_disable; }},
    {"Unicast MAC filter", [](auto& a) { return a.ops.mac_addr_add && a.ops.mac_addr_remove; }},
    {"Multicast MAC filter", [](auto& a) { return a.ops.set_mc_addr_list != nullptr; }},
    {"RSS hash",
     [](auto& a) {
         return a.rx(RTE_ETH_RX_OFFLOAD_RSS_HASH) && a.info.flow_type_rss_offloads != 0;
     }},
    {"RSS key update", [](auto& a) { return a.ops.rss_hash_update && a.info.hash_key_size != 0; }},
    {"RSS reta update",
     [](auto& a) { return a.ops.reta_update && a.ops.reta_query && a.info.reta_size != 0; }},
    {"VLAN filter", [](auto& a) { return a.rx(RTE_ETH_RX_OFFLOAD_VLAN_FILTER); }},
    {"Flow control", [](auto& a) { return a.ops.flow_ctrl_get && a.ops.flow_ctrl_set; }},
    {"CRC offload", [](auto& a) { return a.rx(RTE_ETH_RX_OFFLOAD_KEEP_CRC); }},
    {"VLAN offload",
     [](auto& a) {
         return a.rx(RTE_ETH_RX_OFFLOAD_VLAN_STRIP) && a.tx(RTE_ETH_TX_OFFLOAD_VLAN_INSERT);
     }},
    {"QinQ offload",
     [](auto& a) {
         return a.rx(RTE_ETH_RX_OFFLOAD_QINQ_STRIP) && a.tx(RTE_ETH_TX_OFFLOAD_QINQ_INSERT);
     }},
    {"L3 checksum offload",
     [](auto& a) {
         return a.rx(RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) && a.tx(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM);
     }},
    {"L4 checksum offload",
     [](auto& a) {
         return a.rx(RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM) &&
                a.tx(RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM);
     }},
    {"Timestamp offload", [](auto& a) { return a.rx(RTE_ETH_RX_OFFLOAD_TIMESTAMP); }},
    {"Inner L3 checksum",
     [](auto& a) {
         return a.rx(RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM) &&
                a.tx(RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM);
     }},
    {"Inner L4 checksum",
     [](auto& a) {
         return a.rx(RTE_ETH_RX_OFFLOAD_OUTER_UDP_CKSUM) &&
                a.tx(RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM);
     }},
    {"Packet type parsing", [](auto& a) { return a.ops.dev_supported_ptypes_get != nullptr; }},
    {"Timesync", [](auto& a) { return a.ops.timesync_enable != nullptr; }},
    {"Rx descriptor status", [](auto& a) { return a.port.rx_descriptor_status != nullptr; }},
    {"Tx descriptor status", [](auto& a) { return a.port.tx_descriptor_status != nullptr; }},
    {"Basic stats", [](auto& a) { return a.ops.stats_get && a.ops.stats_reset; }},
    {"Extended stats", [](auto& a) { return a.ops.xstats_get && a.ops.xstats_get_names; }},
    {"Stats per queue", [](auto& a) { return a.flag(RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS); }},
    {"FW version", [](auto& a) { return a.ops.fw_version_get != nullptr; }},
    {"EEPROM dump", [](auto& a) { return a.ops.get_eeprom != nullptr; }},
    {"Module EEPROM dump", [](auto& a) { return a.ops.get_module_eeprom != nullptr; }},
    {"Registers dump", [](auto& a) { return a.ops.get_reg != nullptr; }},
    {"LED", [](auto& a) { return a.ops.dev_led_on && a.ops.dev_led_off; }},
};

/// What nothing in the port says.
struct Said {
    const char* name;
    char value;
    const char* because;
};
constexpr Said kSaid[] = {
    {"Multiprocess aware", 'P', "secondary processes send, receive and read; they change nothing"},
    {"Linux", 'Y', "whose uio_hv_generic it stands on"},
    {"x86-64", 'Y', "where all tests run"},
    {"ARMv8", 'Y', "where the tests of the ring run, in an emulator"},
    {"Usage doc", 'Y', "docs/nics/netvsc.md"},
};

std::string line_of(const char* name, char value) {
    std::string line = name;
    line.resize(std::max<std::size_t>(line.size(), 20), ' ');
    return line + " = " + value + "\n";
}

std::string text_of(const Announced& announced) {
    std::string text =
        ";\n; Supported features of the 'netvsc' network poll mode driver.\n;\n"
        "; Written by `ninja -C build features-file` (tests/guest/features.cpp). Not announced by "
        "a\n"
        "; port, and so said there:\n";
    for (const Said& said : kSaid) {
        text += std::string("; ") + said.name + ": " + said.because + "\n";
    }
    text += ";\n[Features]\n";
    for (const Row& row : kRows) {
        text += row.has(announced) ? line_of(row.name, 'Y') : "";
    }
    for (const Said& said : kSaid) {
        text += line_of(said.name, said.value);
    }
    return text;
}

std::string announced_text() {
    constexpr std::uint16_t kPort = 0;
    const rte_eth_dev& port = rte_eth_devices[kPort];
    Announced announced{.port = port, .ops = *port.dev_ops};
    return rte_eth_dev_info_get(kPort, &announced.info) == 0 ? text_of(announced) : "";
}

/// Whether the file is this text; says where it is not.
bool holds(const std::string& name, const std::string& text) {
    std::ifstream file(name);
    std::istringstream wanted(text);
    std::string has;
    std::string should;
    for (unsigned line = 1;; ++line) {
        const bool more = static_cast<bool>(std::getline(file, has));
        const bool more_wanted = static_cast<bool>(std::getline(wanted, should));
        if (!more && !more_wanted) return true;
        if (more != more_wanted || has != should) {
            std::cerr << name << ":" << line << ": '" << (more ? has : "")
                      << "' where the port announces '" << (more_wanted ? should : "") << "'\n";
            return false;
        }
    }
}

int run(const std::vector<std::string_view>& words) {
    const bool check = words.size() == 2 && words[0] == "--check";
    if (rte_eth_dev_count_avail() != 1 || (!check && words.size() != 1)) {
        std::cerr << "usage: features EAL... -- [--check] FILE, with one port\n";
        return 2;
    }
    const std::string file(words.back());
    const std::string text = announced_text();
    if (check) return holds(file, text) ? 0 : 1;
    return (std::ofstream(file) << text).flush() ? 0 : 1;
}

}  // namespace
}  // namespace vmbus::guest

int main(int argc, char** argv) {
    const int taken = rte_eal_init(argc, argv);
    if (taken < 0) {
        return 2;
    }
    const int status = vmbus::guest::run({argv + taken + 1, argv + argc});
    rte_eal_cleanup();
    return status;
}
