#include "port.hpp"

#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_udp.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace netvsc_bench {
namespace {

constexpr auto kAnySocket = static_cast<unsigned>(SOCKET_ID_ANY);
constexpr std::uint16_t kDescriptors = 1024;
constexpr unsigned kPoolCache = 256;
constexpr std::uint16_t kLargestFrame = 1514;

void require(int result, const char* action) {
    if (result != 0) {
        throw std::runtime_error(std::string(action) + ": " + rte_strerror(-result));
    }
}

std::uint16_t first_ownerless_port() {
    const std::uint64_t port = rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);
    if (port >= RTE_MAX_ETHPORTS) {
        throw std::runtime_error(
            "no ports: is a NIC bound to uio_hv_generic, and the driver loaded with -d?");
    }
    return static_cast<std::uint16_t>(port);
}

/// Both rings of a queue full, a burst on its way, and the caches; for one queue about 12 MiB.
rte_mempool* make_pool(std::uint16_t queues) {
    const unsigned count = queues * (4U * kDescriptors) + (RTE_MAX_LCORE / 64) * kPoolCache + 1024;
    rte_mempool* pool = rte_pktmbuf_pool_create("netvsc_bench", count, kPoolCache, 0,
                                                RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    if (pool == nullptr) {
        throw std::runtime_error(std::string("packet buffers: ") + rte_strerror(rte_errno));
    }
    return pool;
}

/// A frame of the largest size to a broadcast address; shorter ones are its beginning, and the
/// host does not look at the lengths inside.
void write_frame(rte_mempool* /*pool*/, void* number, void* object, unsigned index) {
    auto* mbuf = static_cast<rte_mbuf*>(object);
    auto* ether = rte_pktmbuf_mtod(mbuf, rte_ether_hdr*);
    std::memset(ether, 0, kLargestFrame);
    std::memset(&ether->dst_addr, 0xFF, sizeof ether->dst_addr);
    std::memcpy(&ether->src_addr, number, sizeof ether->src_addr);
    ether->ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
    auto* ip = reinterpret_cast<rte_ipv4_hdr*>(ether + 1);
    ip->version_ihl = RTE_IPV4_VHL_DEF;
    ip->total_length = rte_cpu_to_be_16(kLargestFrame - sizeof *ether);
    ip->time_to_live = 64;
    ip->next_proto_id = 17;
    ip->src_addr = rte_cpu_to_be_32(RTE_IPV4(198, 18, 0, 0) + index % 256);  // RFC 2544
    ip->dst_addr = rte_cpu_to_be_32(RTE_IPV4(198, 19, 0, 1));
    ip->hdr_checksum = rte_ipv4_cksum(ip);
    auto* udp = reinterpret_cast<rte_udp_hdr*>(ip + 1);
    udp->src_port = rte_cpu_to_be_16(static_cast<std::uint16_t>(0x4000 + index % 256));
    udp->dst_port = rte_cpu_to_be_16(9);
    udp->dgram_len = rte_cpu_to_be_16(kLargestFrame - sizeof *ether - sizeof *ip);
}

}  // namespace

Port::Port(std::uint16_t queues) : id_(first_ownerless_port()), pool_(make_pool(queues)) {
    rte_ether_addr address{};
    rte_eth_macaddr_get(id_, &address);
    rte_mempool_obj_iter(pool_, write_frame, &address);
    try {
        open(queues);
    } catch (...) {
        rte_eth_dev_close(id_);
        throw;
    }
}

void Port::open(std::uint16_t queues) {
    rte_eth_dev_info info{};
    require(rte_eth_dev_info_get(id_, &info), "information");
    rte_eth_conf configuration{};
    if (queues > 1) {
        configuration.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        configuration.rx_adv_conf.rss_conf.rss_hf =
            info.flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_TCP);
    }
    require(rte_eth_dev_configure(id_, queues, queues, &configuration), "configure");
    std::uint16_t rx = kDescriptors;
    std::uint16_t tx = kDescriptors;
    require(rte_eth_dev_adjust_nb_rx_tx_desc(id_, &rx, &tx), "descriptors");
    for (std::uint16_t queue = 0; queue < queues; ++queue) {
        require(rte_eth_rx_queue_setup(id_, queue, rx, kAnySocket, nullptr, pool_),
                "receive queue");
        require(rte_eth_tx_queue_setup(id_, queue, tx, kAnySocket, nullptr), "transmit queue");
    }
    // As testpmd: nobody looks at packet types. A driver that cannot leave them out does not.
    static_cast<void>(rte_eth_dev_set_ptypes(id_, RTE_PTYPE_UNKNOWN, nullptr, 0));
    require(rte_eth_dev_start(id_), "start");
    started_ = true;
    if (const int result = rte_eth_promiscuous_enable(id_); result != 0) {
        std::fprintf(stderr, "netvsc-bench: promiscuous mode: %s\n", rte_strerror(-result));
    }
}

std::string Port::driver() const {
    rte_eth_dev_info info{};
    return rte_eth_dev_info_get(id_, &info) == 0 && info.driver_name != nullptr ? info.driver_name
                                                                                : "unknown";
}

Port::~Port() {
    if (started_) {
        rte_eth_dev_stop(id_);
    }
    rte_eth_dev_close(id_);
    rte_mempool_free(pool_);
}

}  // namespace netvsc_bench
