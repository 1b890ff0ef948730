#include "ports.hpp"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <stdexcept>
#include <string>

#include "blank_frames.hpp"
#include "port_setup.hpp"

namespace netvsc_fwd {

namespace {

constexpr unsigned kPoolCache = 256;

void require(int result, const char* action, std::uint16_t port) {
    if (result != 0) {
        throw std::runtime_error("port " + std::to_string(port) + ": " + action + ": " +
                                 rte_strerror(-result));
    }
}

/// All queues full, what is on its way between them, and the caches; room for drivers that round
/// the number of descriptors up, and for frames of several buffers. Four ports of one queue take
/// about 40 MiB.
rte_mempool* make_pool(std::size_t ports, const Options& options) {
    const auto segments = static_cast<unsigned>(
        std::max<std::size_t>(options.txpkts.size(), options.max_pkt_len / kSegmentBytes + 1));
    const unsigned for_port = 2U * options.rxq * options.rxd + 2U * options.txq * options.txd +
                              2U * options.rxq * options.burst * segments;
    const unsigned count =
        static_cast<unsigned>(ports) * for_port + 2 * kPoolCache * options.nb_cores;
    rte_mempool* pool = rte_pktmbuf_pool_create("netvsc_fwd", count, kPoolCache, 0,
                                                RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    if (pool == nullptr) {
        throw std::runtime_error(std::string("packet buffers: ") + rte_strerror(rte_errno));
    }
    return pool;
}

/// A port with an owner, such as the VF behind a NIC, is its owner's to use.
std::vector<Port> ownerless_ports() {
    std::vector<Port> ports;
    std::uint64_t port = rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);
    while (port < RTE_MAX_ETHPORTS) {
        ports.push_back({.id = static_cast<std::uint16_t>(port)});
        port =
            rte_eth_find_next_owned_by(static_cast<std::uint16_t>(port + 1), RTE_ETH_DEV_NO_OWNER);
    }
    return ports;
}

void print(const Port& port) {
    char text[RTE_ETHER_ADDR_FMT_SIZE] = "?";
    rte_ether_format_addr(text, sizeof text, &port.address);
    std::printf("Port %u: %s\n", port.id, text);
    std::fflush(stdout);
}

}  // namespace

Ports::Ports(const Options& options) : options_(options), ports_(ownerless_ports()) {
    if (ports_.empty()) {
        throw std::runtime_error(
            "no ports: is a NIC bound to uio_hv_generic, and the driver "
            "loaded with -d?");
    }
    pool_ = make_pool(ports_.size(), options);
    try {
        for (Port& port : ports_) {
            open(port);
        }
        // One after the other without much between them: from here on packets arrive.
        for (const Port& port : ports_) {
            start(port);
        }
    } catch (...) {
        stop();
        rte_mempool_free(pool_);
        throw;
    }
}

void Ports::open(Port& port) {
    rte_eth_dev_info info{};
    require(rte_eth_dev_info_get(port.id, &info), "information", port.id);
    const rte_eth_conf configuration = configuration_for(info, options_);
    require(rte_eth_dev_configure(port.id, options_.rxq, options_.txq, &configuration), "configure",
            port.id);
    open_queues(port.id);
    port.driver = info.driver_name;
    port.tx_offloads = configuration.txmode.offloads;
    rte_eth_macaddr_get(port.id, &port.address);
    check_frames(port);
}

void Ports::start(const Port& port) {
    require(rte_eth_dev_start(port.id), "start", port.id);
    started_.push_back(port.id);
    if (const int result = rte_eth_promiscuous_enable(port.id); result != 0) {
        std::fprintf(stderr, "netvsc-fwd: port %u: promiscuous mode: %s\n", port.id,
                     rte_strerror(-result));
    }
    if (!options_.json) {
        print(port);
    }
}

/// Drivers drop what is too long for them, without a word.
void Ports::check_frames(const Port& port) const {
    std::uint16_t mtu = 0;
    const auto frame =
        std::accumulate(options_.txpkts.begin(), options_.txpkts.end(), std::uint32_t{0});
    if (facts_of(options_.mode).makes && rte_eth_dev_get_mtu(port.id, &mtu) == 0 &&
        frame > frame_bytes_of(mtu)) {
        throw std::runtime_error("--txpkts: port " + std::to_string(port.id) +
                                 " takes frames of at most " + std::to_string(frame_bytes_of(mtu)) +
                                 " bytes; --max-pkt-len may change that");
    }
}

void Ports::open_queues(std::uint16_t port) {
    std::uint16_t rx = options_.rxd;
    std::uint16_t tx = options_.txd;
    require(rte_eth_dev_adjust_nb_rx_tx_desc(port, &rx, &tx), "descriptors", port);
    const auto socket = static_cast<unsigned>(rte_eth_dev_socket_id(port));
    for (std::uint16_t queue = 0; queue < options_.rxq; ++queue) {
        require(rte_eth_rx_queue_setup(port, queue, rx, socket, nullptr, pool_), "receive queue",
                port);
    }
    for (std::uint16_t queue = 0; queue < options_.txq; ++queue) {
        require(rte_eth_tx_queue_setup(port, queue, tx, socket, nullptr), "transmit queue", port);
    }
}

void Ports::stop() {
    for (const std::uint16_t port : started_) {
        if (const int result = rte_eth_dev_stop(port); result != 0) {
            std::fprintf(stderr, "netvsc-fwd: port %u: stop: %s\n", port, rte_strerror(-result));
        }
    }
    started_.clear();
    for (const Port& port : ports_) {
        rte_eth_dev_close(port.id);
    }
    ports_.clear();
}

Ports::~Ports() {
    stop();
    rte_mempool_free(pool_);
}

}  // namespace netvsc_fwd
