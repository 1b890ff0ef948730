// What a secondary process may ask of a port: the table, its shims, attaching and letting go. Of
// the port it reads what the primary process has published; frames it moves as a visitor; whatever
// changes a port is the primary's alone.
// Registered objects are constinit: see dpdk_ethdev.cpp.
#include "net/netvsc/dpdk_secondary.hpp"

#include <ethdev_driver.h>
#include <rte_errno.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <utility>

#include "net/netvsc/log.hpp"
#include "net/netvsc/packet_type.hpp"
#include "net/netvsc/port_view.hpp"
#include "net/netvsc/visitor.hpp"

namespace vmbus::netvsc::secondary {
namespace {

/// Runs `ask` on what was published last. -ENODEV once the primary process closed the port, -EAGAIN
/// when it writes it for too long.
template <class Ask>
int with_look(const rte_eth_dev& dev, Ask&& ask) noexcept {
    const auto* shared = static_cast<const SharedState*>(dev.data->dev_private);
    if (shared == nullptr) {
        return -ENODEV;
    }
    PortView view(*dev.data, *shared);
    return shared->copy(view.facts, view.figures) ? ask(view) : -EAGAIN;
}

extern "C" {

std::uint16_t netvsc_visit_rx(void* queue, rte_mbuf** packets, std::uint16_t count) noexcept {
    return Visitor::with_rx(queue, std::uint16_t{0},
                            [&](RxQueue& rx) { return rx.burst(packets, count); });
}
std::uint16_t netvsc_visit_tx(void* queue, rte_mbuf** packets, std::uint16_t count) noexcept {
    return Visitor::with_tx(queue, std::uint16_t{0},
                            [&](TxQueue& tx) { return tx.burst(packets, count); });
}
std::uint16_t netvsc_visit_prepare(void* queue, rte_mbuf** packets, std::uint16_t count) noexcept {
    rte_errno = EAGAIN;  // the door is shut
    return Visitor::with_tx(queue, std::uint16_t{0},
                            [&](TxQueue& tx) { return tx.prepare(packets, count); });
}
std::uint32_t netvsc_visit_rx_waiting(void* queue) noexcept {
    return Visitor::with_rx(queue, std::uint32_t{0}, [](RxQueue& rx) { return rx.waiting(); });
}
int netvsc_visit_rx_status(void* queue, std::uint16_t offset) noexcept {
    return Visitor::with_rx(queue, int{RTE_ETH_RX_DESC_UNAVAIL},
                            [&](RxQueue& rx) { return rx.descriptor_status(offset); });
}
int netvsc_visit_tx_status(void* queue, std::uint16_t offset) noexcept {
    return Visitor::with_tx(queue, int{RTE_ETH_TX_DESC_UNAVAIL},
                            [&](TxQueue& tx) { return tx.descriptor_status(offset); });
}

int netvsc_look_info(rte_eth_dev* dev, rte_eth_dev_info* info) noexcept {
    return with_look(*dev, [&](PortView& port) { return port.describe(*info), 0; });
}
int netvsc_look_link(rte_eth_dev* /*dev*/, int /*wait*/) noexcept {
    return -1;  // unchanged: the primary process keeps it in shared memory
}
int netvsc_look_firmware(rte_eth_dev* dev, char* text, std::size_t size) noexcept {
    return with_look(*dev, [&](PortView& port) { return port.firmware_version({text, size}); });
}
int netvsc_look_dump(rte_eth_dev* dev, FILE* file) noexcept {
    return with_look(*dev, [&](PortView& port) { return port.dump(file), 0; });
}
int netvsc_look_registers(rte_eth_dev* dev, rte_dev_reg_info* info) noexcept {
    return with_look(*dev, [&](PortView& port) { return port.read_registers(*info); });
}
int netvsc_look_hash(rte_eth_dev* dev, rte_eth_rss_conf* conf) noexcept {
    return with_look(*dev, [&](PortView& port) { return port.read_hash(*conf), 0; });
}
int netvsc_look_reta(rte_eth_dev* dev, rte_eth_rss_reta_entry64* conf,
                     std::uint16_t size) noexcept {
    return with_look(*dev, [&](PortView& port) { return port.read_reta(conf, size); });
}
int netvsc_look_stats(rte_eth_dev* dev, rte_eth_stats* stats) noexcept {
    return with_look(*dev, [&](PortView& port) { return port.read_stats(*stats), 0; });
}
int netvsc_look_xstats(rte_eth_dev* dev, rte_eth_xstat* stats, unsigned room) noexcept {
    return with_look(*dev,
                     [&](PortView& port) { return static_cast<int>(port.xstats(stats, room)); });
}
int netvsc_look_xstats_names(rte_eth_dev* dev, rte_eth_xstat_name* names, unsigned room) noexcept {
    return with_look(
        *dev, [&](PortView& port) { return static_cast<int>(port.xstats_names(names, room)); });
}
const std::uint32_t* netvsc_look_ptypes(rte_eth_dev* /*dev*/) noexcept {
    return kPacketTypes;
}
void netvsc_look_rx_info(rte_eth_dev* dev, std::uint16_t id, rte_eth_rxq_info* info) noexcept {
    if (const auto* queue = static_cast<const RxQueue*>(dev->data->rx_queues[id])) {
        describe_queue(*queue, *dev->data, *info);
    }
}
void netvsc_look_tx_info(rte_eth_dev* dev, std::uint16_t id, rte_eth_txq_info* info) noexcept {
    if (const auto* queue = static_cast<const TxQueue*>(dev->data->tx_queues[id])) {
        describe_queue(*queue, *dev->data, *info);
    }
}
/// Of this process alone.
int netvsc_leave(rte_eth_dev* dev) noexcept {
    delete static_cast<Visitor*>(std::exchange(dev->process_private, nullptr));
    return 0;
}

}  // extern "C"

/// Fields by name, not an initialiser list: their order differs between releases.
constexpr eth_dev_ops make_ops() noexcept {
    eth_dev_ops ops{};
    ops.dev_close = netvsc_leave;
    ops.link_update = netvsc_look_link;
    ops.dev_infos_get = netvsc_look_info;
    ops.dev_supported_ptypes_get = netvsc_look_ptypes;
    ops.fw_version_get = netvsc_look_firmware;
    ops.eth_dev_priv_dump = netvsc_look_dump;
    ops.get_reg = netvsc_look_registers;
    ops.rss_hash_conf_get = netvsc_look_hash;
    ops.reta_query = netvsc_look_reta;
    ops.rxq_info_get = netvsc_look_rx_info;
    ops.txq_info_get = netvsc_look_tx_info;
    ops.stats_get = netvsc_look_stats;
    ops.xstats_get = netvsc_look_xstats;
    ops.xstats_get_names = netvsc_look_xstats_names;
    return ops;
}
constexpr eth_dev_ops kOps = make_ops();

void describe(rte_eth_dev& dev) noexcept {
    dev.dev_ops = &kOps;
    dev.rx_pkt_burst = netvsc_visit_rx;
    dev.tx_pkt_burst = netvsc_visit_tx;
    dev.tx_pkt_prepare = netvsc_visit_prepare;
    dev.rx_queue_count = netvsc_visit_rx_waiting;
    dev.rx_descriptor_status = netvsc_visit_rx_status;
    dev.tx_descriptor_status = netvsc_visit_tx_status;
}

/// ethdev has pointed this process at the primary's table of queues.
void redirect(const rte_eth_dev& dev, Visitor& visitor) noexcept {
    struct rte_eth_fp_ops& fast = rte_eth_fp_ops[dev.data->port_id];
    fast.rxq.data = visitor.rx_queues();
    fast.txq.data = visitor.tx_queues();
}

int close_port(rte_eth_dev& dev) noexcept {
    netvsc_leave(&dev);
    return rte_eth_dev_release_port(&dev);
}

}  // namespace

int attach(bus::Device& device) noexcept {
    rte_eth_dev* dev = rte_eth_dev_attach_secondary(device.name());
    if (dev == nullptr) {
        return 1;  // the primary process does not use it
    }
    const auto* shared = static_cast<const SharedState*>(dev->data->dev_private);
    Door* const door = door_of(dev->data->port_id, false);
    if (shared == nullptr || !shared->fits() || door == nullptr) {
        log_line(LogType::kInit, RTE_LOG_ERR,
                 "%s: the primary process has another build of this driver", device.name());
        rte_eth_dev_release_port(dev);
        return -EINVAL;
    }
    const bool knows_pools = shared->pool_drivers().are_ours();
    if (!knows_pools) {
        log_line(LogType::kInit, RTE_LOG_WARNING,
                 "%s: this process numbers the drivers of memory pools in another way than the "
                 "primary process: no packet comes from one to the other, captures stay empty",
                 device.name());
    }
    process_tag = tag_of_secondary(static_cast<std::uint32_t>(::getpid()));
    auto* const visitor = new (std::nothrow) Visitor(*dev, device, *door, knows_pools);
    if (visitor == nullptr) {
        rte_eth_dev_release_port(dev);
        return -ENOMEM;
    }
    dev->device = &device.generic();
    dev->process_private = visitor;
    describe(*dev);
    device.driver_data = dev;
    rte_eth_dev_probing_finish(dev);
    redirect(*dev, *visitor);
    return 0;
}

int detach(bus::Device& device) noexcept {
    auto* dev = static_cast<rte_eth_dev*>(std::exchange(device.driver_data, nullptr));
    // Closed by the application, it is nobody's.
    return dev == nullptr || dev->state == RTE_ETH_DEV_UNUSED ? 0 : close_port(*dev);
}

}  // namespace vmbus::netvsc::secondary
