#include "net/netvsc/vf_port.hpp"

#include <bus_driver.h>
#include <rte_dev.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "net/netvsc/ethdev_rss.hpp"
#include "net/netvsc/rx.hpp"
#include "net/netvsc/tx.hpp"
#include "net/netvsc/vf_match.hpp"

namespace vmbus::netvsc {
namespace {

/// What changes the bytes of a frame: the application must not get it one way or the other. The
/// rest of the receive offloads only says more about a frame.
constexpr std::uint64_t kRxPromises = RTE_ETH_RX_OFFLOAD_VLAN_STRIP | RTE_ETH_RX_OFFLOAD_SCATTER;

std::vector<rte_ether_addr> as_ether(const std::vector<oids::MacAddress>& addresses) noexcept {
    std::vector<rte_ether_addr> out(addresses.size());
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        std::memcpy(out[i].addr_bytes, addresses[i].data(), addresses[i].size());
    }
    return out;
}

bool fits(std::uint16_t port, const oids::MacAddress& nic, const std::string& slot) noexcept {
    const rte_eth_dev& dev = rte_eth_devices[port];
    if (dev.data == nullptr || dev.data->mac_addrs == nullptr || dev.device == nullptr) {
        return false;
    }
    VfCandidate candidate;
    std::memcpy(candidate.mac.data(), dev.data->mac_addrs->addr_bytes, candidate.mac.size());
    candidate.driver = dev.device->driver != nullptr ? dev.device->driver->name : "";
    candidate.bus = dev.device->bus != nullptr ? dev.device->bus->name : "";
    candidate.device = dev.device->name;
    return is_vf_of(nic, slot, candidate);
}

/// What of the settings the device can do. `key` is what the result points to.
rte_eth_rss_conf hash_for(const rte_eth_dev_info& info, const RssSettings& settings,
                          RssKey& key) noexcept {
    rte_eth_rss_conf conf{};
    conf.rss_hf = rss_flags_of(settings.hash_types) & info.flow_type_rss_offloads;
    if (info.hash_key_size == key.size()) {
        conf.rss_key = reinterpret_cast<std::uint8_t*>(key.data());
        conf.rss_key_len = static_cast<std::uint8_t>(key.size());
    }
    return conf;
}

}  // namespace

int VfPort::fail(int error, const char* problem) noexcept {
    problem_ = problem;
    return error;
}

int VfPort::claim(const oids::MacAddress& nic, std::uint32_t serial) noexcept {
    if (owner_.id == RTE_ETH_DEV_NO_OWNER) {
        if (const int error = rte_eth_dev_owner_new(&owner_.id); error != 0) {
            return fail(error, "no owner id");
        }
        std::snprintf(owner_.name, sizeof owner_.name, "netvsc %u", unsigned{ours_.data->port_id});
    }
    const std::string slot = slot_address(serial);
    int error = fail(-ENODEV, "no port with its MAC address yet");
    // Also one that is being probed: the event of a new port comes before it is attached.
    for (std::uint16_t port = 0; port < RTE_MAX_ETHPORTS; ++port) {
        if (port == ours_.data->port_id || !fits(port, nic, slot)) {
            continue;
        }
        if (rte_eth_devices[port].data->dev_started != 0 ||
            rte_eth_dev_owner_set(port, &owner_) != 0) {
            error = fail(-EBUSY, "somebody uses its port");
            continue;
        }
        id_ = port;
        return 0;
    }
    return error;
}

int VfPort::configure(rte_eth_dev_info& info, const RssSettings& settings) noexcept {
    const rte_eth_conf& mine = ours_.data->dev_conf;
    rte_eth_conf conf = mine;
    const std::uint64_t tx_lacks = mine.txmode.offloads & ~info.tx_offload_capa;
    const std::uint64_t rx_lacks = mine.rxmode.offloads & ~info.rx_offload_capa & kRxPromises;
    if (tx_lacks != 0 || rx_lacks != 0) {
        return fail(-ENOTSUP, "it lacks an offload that is in use");
    }
    conf.rxmode.offloads &= info.rx_offload_capa;
    conf.rxmode.mtu = ours_.data->mtu;
    conf.intr_conf = {};
    conf.intr_conf.rmv = (rte_eth_devices[id()].data->dev_flags & RTE_ETH_DEV_INTR_RMV) != 0;
    // Not the application's: its key may be gone by now.
    RssKey key = settings.key;
    conf.rx_adv_conf.rss_conf = hash_for(info, settings, key);
    if (conf.rx_adv_conf.rss_conf.rss_hf == 0) {
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE;
        conf.rxmode.offloads &= ~std::uint64_t{RTE_ETH_RX_OFFLOAD_RSS_HASH};
    }
    const int error =
        rte_eth_dev_configure(id(), ours_.data->nb_rx_queues, ours_.data->nb_tx_queues, &conf);
    return error == 0 ? 0 : fail(error, "it cannot be configured as the NIC is");
}

int VfPort::set_up_queues(const rte_eth_dev_info& info) noexcept {
    const auto socket = static_cast<unsigned>(rte_eth_dev_socket_id(id()));
    for (std::uint16_t q = 0; q < ours_.data->nb_rx_queues; ++q) {
        const auto& queue = *static_cast<const RxQueue*>(ours_.data->rx_queues[q]);
        std::uint16_t descriptors = queue.ring_size();
        std::uint16_t unused = descriptors;
        rte_eth_dev_adjust_nb_rx_tx_desc(id(), &descriptors, &unused);
        rte_eth_rxconf conf = info.default_rxconf;
        conf.offloads = 0;  // those of the port
        if (const int error =
                rte_eth_rx_queue_setup(id(), q, descriptors, socket, &conf, &queue.pool());
            error != 0) {
            return fail(error, "a receive queue cannot be set up");
        }
    }
    for (std::uint16_t q = 0; q < ours_.data->nb_tx_queues; ++q) {
        std::uint16_t descriptors =
            static_cast<const TxQueue*>(ours_.data->tx_queues[q])->ring_size();
        std::uint16_t unused = descriptors;
        rte_eth_dev_adjust_nb_rx_tx_desc(id(), &unused, &descriptors);
        rte_eth_txconf conf = info.default_txconf;
        conf.offloads = 0;
        if (const int error = rte_eth_tx_queue_setup(id(), q, descriptors, socket, &conf);
            error != 0) {
            return fail(error, "a transmit queue cannot be set up");
        }
    }
    return 0;
}

/// A VF that cannot filter delivers too little at worst, and the synthetic path delivers the rest.
void VfPort::apply_filters(const VfFilters& filters) noexcept {
    if (filters.promiscuous) {
        rte_eth_promiscuous_enable(id());
    } else {
        rte_eth_promiscuous_disable(id());
    }
    if (filters.all_multicast) {
        rte_eth_allmulticast_enable(id());
    } else {
        rte_eth_allmulticast_disable(id());
    }
    auto list = as_ether(filters.groups);
    rte_eth_dev_set_mc_addr_list(id(), list.data(), static_cast<std::uint32_t>(list.size()));
}

void VfPort::apply_rss(const RssSettings& rss) noexcept {
    rte_eth_dev_info info{};
    if (ours_.data->nb_rx_queues < 2 || rte_eth_dev_info_get(id(), &info) != 0) {
        return;
    }
    RssKey key = rss.key;
    rte_eth_rss_conf hash = hash_for(info, rss, key);
    rte_eth_dev_rss_hash_update(id(), &hash);
    if (info.reta_size != 0 && !rss.table.empty()) {
        auto table = resized_table(rss.table, info.reta_size);
        rte_eth_dev_rss_reta_update(id(), table.data(), info.reta_size);
    }
}

int VfPort::prepare(const VfFilters& filters, const RssSettings& rss) noexcept {
    rte_eth_dev_info info{};
    if (const int error = rte_eth_dev_info_get(id(), &info); error != 0) {
        return fail(error, "it does not say what it can");
    }
    if (const int error = configure(info, rss); error != 0) {
        return error;
    }
    if (const int error = rte_eth_dev_set_mtu(id(), ours_.data->mtu);
        error != 0 && error != -ENOTSUP) {
        return fail(error, "it does not take the MTU");
    }
    if (const int error = set_up_queues(info); error != 0) {
        return error;
    }
    if (const int error = rte_eth_dev_start(id()); error != 0) {
        return fail(error, "it does not start");
    }
    apply_filters(filters);
    apply_rss(rss);
    return 0;
}

int VfPort::stop() noexcept {
    return rte_eth_dev_stop(id());
}

void VfPort::release() noexcept {
    rte_eth_dev_owner_unset(id(), owner_.id);
    id_.reset();
}

void VfPort::release_lost() noexcept {
    rte_device* device = rte_eth_devices[id()].device;
    rte_eth_dev_close(id());
    id_.reset();
    if (device != nullptr) {
        rte_dev_remove(device);
    }
}

}  // namespace vmbus::netvsc
