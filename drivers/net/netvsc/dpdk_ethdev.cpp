// Struct eth_dev_ops in the primary process: the table, its shims, probe and remove, registration.
// Secondary processes have dpdk_secondary.cpp; no other file knows that struct.
// Registered objects are constinit: the constructor below runs before C++ initialises anything.
#include <ethdev_driver.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "bus/vmbus/eal_memory.hpp"
#include "bus/vmbus/vmbus_driver.hpp"
#include "net/netvsc/dpdk_secondary.hpp"
#include "net/netvsc/log.hpp"
#include "net/netvsc/port.hpp"
#include "net/netvsc/telemetry.hpp"
#include "net/netvsc/vf_burst.hpp"

namespace vmbus::netvsc {
namespace {

using bus::Device;

Port& port_of(rte_eth_dev* dev) noexcept {
    return *static_cast<Port*>(dev->process_private);
}

extern "C" {

std::uint16_t netvsc_rx_burst(void* queue, rte_mbuf** packets, std::uint16_t count) noexcept {
    auto& rx = *static_cast<RxQueue*>(queue);
    return rx.vf.looks_open() ? vf_rx_burst(rx, packets, count) : rx.burst(packets, count);
}
std::uint16_t netvsc_tx_burst(void* queue, rte_mbuf** packets, std::uint16_t count) noexcept {
    auto& tx = *static_cast<TxQueue*>(queue);
    return tx.vf.looks_open() ? vf_tx_burst(tx, packets, count) : tx.burst(packets, count);
}
std::uint16_t netvsc_tx_prepare(void* queue, rte_mbuf** packets, std::uint16_t count) noexcept {
    auto& tx = *static_cast<TxQueue*>(queue);
    return tx.vf.looks_open() ? vf_tx_prepare(tx, packets, count) : tx.prepare(packets, count);
}

int netvsc_configure(rte_eth_dev* dev) noexcept {
    return port_of(dev).configure();
}
int netvsc_start(rte_eth_dev* dev) noexcept {
    return port_of(dev).start();
}
int netvsc_stop(rte_eth_dev* dev) noexcept {
    return port_of(dev).stop();
}

int netvsc_close(rte_eth_dev* dev) noexcept {
    Port& port = port_of(dev);
    telemetry::remove(port);
    port.device().driver_data = nullptr;
    dev->process_private = nullptr;
    delete &port;
    return 0;
}

int netvsc_set_mtu(rte_eth_dev* dev, std::uint16_t mtu) noexcept {
    return port_of(dev).set_mtu(mtu);
}
int netvsc_promiscuous_on(rte_eth_dev* dev) noexcept {
    return port_of(dev).set_promiscuous(true);
}
int netvsc_promiscuous_off(rte_eth_dev* dev) noexcept {
    return port_of(dev).set_promiscuous(false);
}
int netvsc_multicast_on(rte_eth_dev* dev) noexcept {
    return port_of(dev).set_all_multicast(true);
}
int netvsc_multicast_off(rte_eth_dev* dev) noexcept {
    return port_of(dev).set_all_multicast(false);
}
int netvsc_link_update(rte_eth_dev* dev, int /*wait*/) noexcept {
    return port_of(dev).update_link();
}

int netvsc_info(rte_eth_dev* dev, rte_eth_dev_info* info) noexcept {
    port_of(dev).view().describe(*info);
    return 0;
}

const std::uint32_t* netvsc_ptypes(rte_eth_dev* /*dev*/) noexcept {
    return kPacketTypes;
}
int netvsc_set_ptypes(rte_eth_dev* dev, std::uint32_t mask) noexcept {
    port_of(dev).set_packet_types(mask);
    return 0;
}
int netvsc_vlan_offload(rte_eth_dev* dev, int /*mask*/) noexcept {
    port_of(dev).apply_vlan_offloads();
    return 0;
}
int netvsc_set_mac(rte_eth_dev* dev, rte_ether_addr* address) noexcept {
    return port_of(dev).set_mac(std::to_array(address->addr_bytes));
}
int netvsc_set_groups(rte_eth_dev* dev, rte_ether_addr* addresses, std::uint32_t count) noexcept {
    static_assert(sizeof(rte_ether_addr) == sizeof(oids::MacAddress));
    return port_of(dev).set_multicast_groups(
        {reinterpret_cast<const oids::MacAddress*>(addresses), count});
}
int netvsc_firmware(rte_eth_dev* dev, char* text, std::size_t size) noexcept {
    return port_of(dev).view().firmware_version({text, size});
}
int netvsc_dump(rte_eth_dev* dev, FILE* file) noexcept {
    port_of(dev).view().dump(file);
    return 0;
}
int netvsc_registers(rte_eth_dev* dev, rte_dev_reg_info* info) noexcept {
    return port_of(dev).view().read_registers(*info);
}
std::uint32_t netvsc_rx_waiting(void* queue) noexcept {
    return static_cast<RxQueue*>(queue)->waiting();
}
int netvsc_rx_status(void* queue, std::uint16_t offset) noexcept {
    return static_cast<RxQueue*>(queue)->descriptor_status(offset);
}
int netvsc_tx_status(void* queue, std::uint16_t offset) noexcept {
    return static_cast<TxQueue*>(queue)->descriptor_status(offset);
}

int netvsc_tx_clean_up(void* queue, std::uint32_t most) noexcept {
    return static_cast<int>(static_cast<TxQueue*>(queue)->clean_up(most));
}

int netvsc_rx_setup(rte_eth_dev* dev, std::uint16_t id, std::uint16_t descriptors, unsigned socket,
                    const rte_eth_rxconf* conf, rte_mempool* pool) noexcept {
    return port_of(dev).set_up_rx(id, descriptors, socket, *conf, *pool);
}
int netvsc_tx_setup(rte_eth_dev* dev, std::uint16_t id, std::uint16_t descriptors, unsigned socket,
                    const rte_eth_txconf* conf) noexcept {
    return port_of(dev).set_up_tx(id, descriptors, socket, *conf);
}
void netvsc_rx_release(rte_eth_dev* dev, std::uint16_t id) noexcept {
    port_of(dev).release_rx(id);
}
void netvsc_tx_release(rte_eth_dev* dev, std::uint16_t id) noexcept {
    port_of(dev).release_tx(id);
}

void netvsc_rx_info(rte_eth_dev* dev, std::uint16_t id, rte_eth_rxq_info* info) noexcept {
    describe_queue(*port_of(dev).rx(id), *dev->data, *info);
}
void netvsc_tx_info(rte_eth_dev* dev, std::uint16_t id, rte_eth_txq_info* info) noexcept {
    describe_queue(*port_of(dev).tx(id), *dev->data, *info);
}

int netvsc_rx_start(rte_eth_dev* dev, std::uint16_t id) noexcept {
    return port_of(dev).start_rx(id);
}
int netvsc_rx_stop(rte_eth_dev* dev, std::uint16_t id) noexcept {
    return port_of(dev).stop_rx(id);
}
int netvsc_tx_start(rte_eth_dev* dev, std::uint16_t id) noexcept {
    return port_of(dev).start_tx(id);
}
int netvsc_tx_stop(rte_eth_dev* dev, std::uint16_t id) noexcept {
    return port_of(dev).stop_tx(id);
}

int netvsc_rx_interrupt_on(rte_eth_dev* dev, std::uint16_t id) noexcept {
    return port_of(dev).enable_rx_interrupt(id);
}
int netvsc_rx_interrupt_off(rte_eth_dev* dev, std::uint16_t id) noexcept {
    return port_of(dev).disable_rx_interrupt(id);
}

int netvsc_link_up(rte_eth_dev* dev) noexcept {
    return port_of(dev).set_link(true);
}
int netvsc_link_down(rte_eth_dev* dev) noexcept {
    return port_of(dev).set_link(false);
}
int netvsc_reset(rte_eth_dev* dev) noexcept {
    return port_of(dev).reset();
}

int netvsc_hash_update(rte_eth_dev* dev, rte_eth_rss_conf* conf) noexcept {
    return port_of(dev).update_hash(*conf);
}
int netvsc_hash_get(rte_eth_dev* dev, rte_eth_rss_conf* conf) noexcept {
    port_of(dev).view().read_hash(*conf);
    return 0;
}
int netvsc_reta_update(rte_eth_dev* dev, rte_eth_rss_reta_entry64* conf,
                       std::uint16_t size) noexcept {
    return port_of(dev).update_reta(conf, size);
}
int netvsc_reta_query(rte_eth_dev* dev, rte_eth_rss_reta_entry64* conf,
                      std::uint16_t size) noexcept {
    return port_of(dev).view().read_reta(conf, size);
}

int netvsc_rx_mode(rte_eth_dev* dev, std::uint16_t id, rte_eth_burst_mode* mode) noexcept {
    port_of(dev).describe_rx_burst(id, mode->info);
    return 0;
}
int netvsc_tx_mode(rte_eth_dev* dev, std::uint16_t id, rte_eth_burst_mode* mode) noexcept {
    port_of(dev).describe_tx_burst(id, mode->info);
    return 0;
}

int netvsc_stats(rte_eth_dev* dev, rte_eth_stats* stats) noexcept {
    port_of(dev).view().read_stats(*stats);
    return 0;
}
int netvsc_stats_reset(rte_eth_dev* dev) noexcept {
    port_of(dev).reset_stats();
    return 0;
}

int netvsc_xstats(rte_eth_dev* dev, rte_eth_xstat* stats, unsigned room) noexcept {
    return static_cast<int>(port_of(dev).view().xstats(stats, room));
}
int netvsc_xstats_names(rte_eth_dev* dev, rte_eth_xstat_name* names, unsigned room) noexcept {
    return static_cast<int>(port_of(dev).view().xstats_names(names, room));
}

}  // extern "C"

/// Fields by name, not an initialiser list: their order differs between releases.
constexpr eth_dev_ops make_ops() noexcept {
    eth_dev_ops ops{};
    ops.dev_configure = netvsc_configure;
    ops.dev_start = netvsc_start;
    ops.dev_stop = netvsc_stop;
    ops.dev_close = netvsc_close;
    ops.mtu_set = netvsc_set_mtu;
    ops.promiscuous_enable = netvsc_promiscuous_on;
    ops.promiscuous_disable = netvsc_promiscuous_off;
    ops.allmulticast_enable = netvsc_multicast_on;
    ops.allmulticast_disable = netvsc_multicast_off;
    ops.link_update = netvsc_link_update;
    ops.dev_infos_get = netvsc_info;
    ops.dev_supported_ptypes_get = netvsc_ptypes;
    ops.dev_ptypes_set = netvsc_set_ptypes;
    ops.vlan_offload_set = netvsc_vlan_offload;
    ops.mac_addr_set = netvsc_set_mac;
    ops.set_mc_addr_list = netvsc_set_groups;
    ops.fw_version_get = netvsc_firmware;
    ops.eth_dev_priv_dump = netvsc_dump;
    ops.get_reg = netvsc_registers;
    ops.rx_queue_setup = netvsc_rx_setup;
    ops.tx_queue_setup = netvsc_tx_setup;
    ops.rx_queue_release = netvsc_rx_release;
    ops.tx_queue_release = netvsc_tx_release;
    ops.rx_queue_start = netvsc_rx_start;
    ops.rx_queue_stop = netvsc_rx_stop;
    ops.tx_queue_start = netvsc_tx_start;
    ops.tx_queue_stop = netvsc_tx_stop;
    ops.tx_done_cleanup = netvsc_tx_clean_up;
    ops.rx_queue_intr_enable = netvsc_rx_interrupt_on;
    ops.rx_queue_intr_disable = netvsc_rx_interrupt_off;
    ops.dev_set_link_up = netvsc_link_up;
    ops.dev_set_link_down = netvsc_link_down;
    ops.dev_reset = netvsc_reset;
    ops.rss_hash_update = netvsc_hash_update;
    ops.rss_hash_conf_get = netvsc_hash_get;
    ops.reta_update = netvsc_reta_update;
    ops.reta_query = netvsc_reta_query;
    ops.rxq_info_get = netvsc_rx_info;
    ops.txq_info_get = netvsc_tx_info;
    ops.rx_burst_mode_get = netvsc_rx_mode;
    ops.tx_burst_mode_get = netvsc_tx_mode;
    ops.stats_get = netvsc_stats;
    ops.stats_reset = netvsc_stats_reset;
    ops.xstats_get = netvsc_xstats;
    ops.xstats_get_names = netvsc_xstats_names;
    ops.xstats_reset = netvsc_stats_reset;
    return ops;
}
constexpr eth_dev_ops kOps = make_ops();

int read_arguments(Device& device, DeviceArguments& arguments) noexcept {
    const rte_devargs* devargs = device.generic().devargs;
    std::string problem;
    if (devargs != nullptr && devargs->args != nullptr &&
        !parse_arguments(devargs->args, arguments, problem)) {
        log_line(LogType::kInit, RTE_LOG_ERR, "%s: %s", device.name(), problem.c_str());
        return -EINVAL;
    }
    return 0;
}

void describe_ethdev(rte_eth_dev& dev, Device& device, const DeviceArguments& arguments) noexcept {
    dev.device = &device.generic();
    dev.intr_handle = nullptr;  // of receive interrupts: there once the port is started with them
    dev.dev_ops = &kOps;
    dev.rx_pkt_burst = netvsc_rx_burst;
    dev.tx_pkt_burst = netvsc_tx_burst;
    dev.tx_pkt_prepare = netvsc_tx_prepare;
    dev.rx_queue_count = netvsc_rx_waiting;
    dev.rx_descriptor_status = netvsc_rx_status;
    dev.tx_descriptor_status = netvsc_tx_status;
    dev.data->numa_node = arguments.numa_aware ? device.identity().numa_node : SOCKET_ID_ANY;
    dev.data->dev_flags |=
        RTE_ETH_DEV_INTR_LSC | RTE_ETH_DEV_INTR_RMV | RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS;
    dev.data->mtu = RTE_ETHER_MTU;
}

/// Builds port and session on an allocated ethdev. On failure the caller releases the ethdev.
int fill_ethdev(rte_eth_dev& dev, Device& device, const DeviceArguments& arguments) noexcept {
    describe_ethdev(dev, device, arguments);
    dev.data->mac_addrs =
        static_cast<rte_ether_addr*>(rte_zmalloc("netvsc_mac", sizeof(rte_ether_addr), 0));
    void* place = rte_zmalloc("netvsc_shared", sizeof(SharedState), RTE_CACHE_LINE_SIZE);
    Door* const door = door_of(dev.data->port_id, true);
    if (place == nullptr || door == nullptr || dev.data->mac_addrs == nullptr) {
        rte_free(place);
        return -ENOMEM;
    }
    auto* shared = new (place) SharedState;
    dev.data->dev_private = shared;  // ethdev frees both
    std::unique_ptr<Port> port(new (std::nothrow) Port(device, dev, arguments, *shared, *door));
    if (port == nullptr) {
        return -ENOMEM;
    }
    if (const int error = port->attach(RTE_ETHER_MTU); error != 0) {
        return error;
    }
    const oids::MacAddress& mac = port->mac();
    std::memcpy(dev.data->mac_addrs->addr_bytes, mac.data(), mac.size());
    telemetry::add(*port);
    dev.process_private = port.release();
    return 0;
}

int probe(Device& device) noexcept {
    if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
        return secondary::attach(device);
    }
    bus::place_in_eal_memory();
    DeviceArguments arguments;
    if (const int error = read_arguments(device, arguments); error != 0) {
        return error;
    }
    rte_eth_dev* dev = rte_eth_dev_allocate(device.name());
    if (dev == nullptr) {
        return -ENOMEM;
    }
    if (const int error = fill_ethdev(*dev, device, arguments); error != 0) {
        rte_eth_dev_release_port(dev);
        return error;
    }
    device.driver_data = dev;
    rte_eth_dev_probing_finish(dev);
    return 0;
}

int remove(Device& device) noexcept {
    if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
        return secondary::detach(device);
    }
    auto* dev = static_cast<rte_eth_dev*>(device.driver_data);
    if (dev == nullptr) {
        return 0;  // the application has closed the port
    }
    const std::uint16_t port_id = dev->data->port_id;
    rte_eth_dev_stop(port_id);
    return rte_eth_dev_close(port_id);
}

constinit bus::Driver driver{
    .name = "net_netvsc",
    .class_id = wire::kNicClass,
    .probe = probe,
    .remove = remove,
};

void register_log(LogType type, const char* name) noexcept {
    const int id = rte_log_register_type_and_pick_level(name, RTE_LOG_NOTICE);
    if (id >= 0) {
        log_types[static_cast<std::size_t>(type)] = static_cast<std::uint32_t>(id);
    }
}

RTE_INIT(netvsc_register) {
    register_log(LogType::kInit, "pmd.net.netvsc.init");
    register_log(LogType::kDriver, "pmd.net.netvsc.driver");
    telemetry::register_commands();
    bus::register_driver(driver);
}

RTE_FINI(netvsc_unregister) {
    bus::unregister_driver(driver);
}

}  // namespace
}  // namespace vmbus::netvsc

// What dpdk-pmdinfo.py looks for; DPDK's own tool that writes it is not packaged.
extern "C" {
extern const char net_netvsc_pmd_info[];
[[gnu::used]] constexpr char net_netvsc_pmd_info[] =
    "PMD_INFO_STRING= {\"name\": \"net_netvsc\", \"params\": \"latency=<uint32> "
    "rx_copybreak=<uint32> tx_copybreak=<uint32> rx_extmbuf_enable=<0|1> "
    "rx_ack_batch=<uint32> tx_agg_packets=<uint32> tx_agg_bytes=<uint32> "
    "ring_mode=<single|ordered|relaxed> vf=<on|off> numa_aware=<0|1> "
    "rx_interrupts=<auto|primary|all> signals=<auto|primary|all> frame_xstats=<0|1>\", "
    "\"kmod\": \"* uio_hv_generic\", "
    "\"pci_ids\": []}";
}
static_assert(std::string_view(net_netvsc_pmd_info).find(vmbus::netvsc::kParameters) !=
                  std::string_view::npos,
              "tools are told of every argument");
