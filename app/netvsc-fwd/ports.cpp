#include "ports.hpp"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace netvsc_fwd {

namespace {

/// Asked for as far as a driver has them.
constexpr std::uint64_t kHashes = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP;
constexpr unsigned kPoolCache = 256;

void require(int result, const char* action, std::uint16_t port) {
    if (result != 0) {
        throw std::runtime_error("port " + std::to_string(port) + ": " + action + ": " +
                                 rte_strerror(-result));
    }
}

/// All queues full, what is on its way between them, and the caches; room for drivers that round
/// the number of descriptors up. Four ports of one queue take about 40 MiB.
rte_mempool* make_pool(std::size_t ports, const Options& options) {
    const unsigned for_port = 2U * options.rxq * options.rxd + 2U * options.txq * options.txd +
                              2U * options.rxq * options.burst;
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
std::vector<std::uint16_t> ownerless_ports() {
    std::vector<std::uint16_t> ports;
    std::uint64_t port = rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);
    while (port < RTE_MAX_ETHPORTS) {
        ports.push_back(static_cast<std::uint16_t>(port));
        port =
            rte_eth_find_next_owned_by(static_cast<std::uint16_t>(port + 1), RTE_ETH_DEV_NO_OWNER);
    }
    return ports;
}

void print(std::uint16_t port) {
    rte_ether_addr address{};
    char text[RTE_ETHER_ADDR_FMT_SIZE] = "?";
    if (rte_eth_macaddr_get(port, &address) == 0) {
        rte_ether_format_addr(text, sizeof text, &address);
    }
    std::printf("Port %u: %s\n", port, text);
}

}  // namespace

Ports::Ports(const Options& options) : options_(options), ids_(ownerless_ports()) {
    if (ids_.empty()) {
        throw std::runtime_error(
            "no ports: is a NIC bound to uio_hv_generic, and the driver "
            "loaded with -d?");
    }
    pool_ = make_pool(ids_.size(), options);
    try {
        for (const std::uint16_t id : ids_) {
            open(id);
        }
    } catch (...) {
        stop();
        throw;
    }
}

Work Ports::work(std::size_t n) const {
    const std::uint16_t to = partner(n);
    Work work{.mode = options_.mode};
    rte_eth_macaddr_get(to, &work.source);
    const auto named = options_.peers.find(to);
    work.destination = named != options_.peers.end()
                           ? named->second
                           : rte_ether_addr{{2, 0, 0, 0, 0, static_cast<std::uint8_t>(to)}};
    return work;
}

void Ports::open(std::uint16_t port) {
    rte_eth_dev_info info{};
    require(rte_eth_dev_info_get(port, &info), "information", port);
    rte_eth_conf configuration{};
    if (options_.rxq > 1) {
        configuration.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        configuration.rx_adv_conf.rss_conf.rss_hf = kHashes & info.flow_type_rss_offloads;
    }
    require(rte_eth_dev_configure(port, options_.rxq, options_.txq, &configuration), "configure",
            port);
    open_queues(port);
    require(rte_eth_dev_start(port), "start", port);
    started_.push_back(port);
    if (const int result = rte_eth_promiscuous_enable(port); result != 0) {
        std::fprintf(stderr, "netvsc-fwd: port %u: promiscuous mode: %s\n", port,
                     rte_strerror(-result));
    }
    print(port);
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
    for (const std::uint16_t port : ids_) {
        rte_eth_dev_close(port);
    }
    ids_.clear();
}

Ports::~Ports() {
    stop();
    rte_mempool_free(pool_);
}

}  // namespace netvsc_fwd
