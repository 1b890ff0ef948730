#include "looped_port.hpp"

#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>

namespace vmbus::guest {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kAnySocket = static_cast<unsigned>(SOCKET_ID_ANY);
constexpr std::uint16_t kDescriptors = 256;
constexpr std::uint16_t kBurst = 32;
constexpr std::chrono::seconds kPatience{10};
/// The loop holds 512 frames.
constexpr std::size_t kOnTheirWay = 128;
constexpr std::uint16_t kFirstPort = 0x4000;
constexpr std::uint16_t kToPort = 9;
constexpr std::uint32_t kFrom = RTE_IPV4(198, 18, 0, 1);  // RFC 2544
constexpr std::uint32_t kTo = RTE_IPV4(198, 19, 0, 1);

struct Headers {
    rte_ether_hdr ether;
    rte_ipv4_hdr ip;
    rte_tcp_hdr tcp;
};
static_assert(sizeof(Headers) == 54, "as on the wire");

void write_frame(rte_mbuf& mbuf, std::uint16_t flow, std::uint32_t sequence) {
    auto* all = reinterpret_cast<Headers*>(rte_pktmbuf_append(&mbuf, sizeof(Headers) + 8));
    std::memset(static_cast<void*>(all), 0, sizeof(Headers) + 8);
    std::memset(&all->ether.dst_addr, 0xFF, sizeof all->ether.dst_addr);
    all->ether.ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
    all->ip.version_ihl = RTE_IPV4_VHL_DEF;
    all->ip.total_length = rte_cpu_to_be_16(sizeof(Headers) + 8 - sizeof all->ether);
    all->ip.time_to_live = 64;
    all->ip.next_proto_id = IPPROTO_TCP;
    all->ip.src_addr = rte_cpu_to_be_32(kFrom);
    all->ip.dst_addr = rte_cpu_to_be_32(kTo);
    all->ip.hdr_checksum = rte_ipv4_cksum(&all->ip);
    all->tcp.src_port = rte_cpu_to_be_16(static_cast<std::uint16_t>(kFirstPort + flow));
    all->tcp.dst_port = rte_cpu_to_be_16(kToPort);
    all->tcp.data_off = 0x50;
    all->tcp.sent_seq = rte_cpu_to_be_32(sequence);
}

Frame read_frame(const rte_mbuf& mbuf, std::uint16_t queue) {
    const auto* all = rte_pktmbuf_mtod(&mbuf, const Headers*);
    return {.flow = static_cast<std::uint16_t>(rte_be_to_cpu_16(all->tcp.src_port) - kFirstPort),
            .sequence = rte_be_to_cpu_32(all->tcp.sent_seq),
            .queue = queue,
            .hash = mbuf.hash.rss,
            .has_hash = (mbuf.ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0};
}

void add(std::vector<Frame>& to, const std::vector<Frame>& what) {
    to.insert(to.end(), what.begin(), what.end());
}

}  // namespace

LoopedPort::LoopedPort() {
    EXPECT_TRUE(rte_eth_dev_is_valid_port(kPort)) << "no NIC";
}

LoopedPort::~LoopedPort() {
    stop();
}

rte_mempool& LoopedPort::pool() {
    static rte_mempool* const pool =
        rte_pktmbuf_pool_create("guest", 8191, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    return *pool;
}

void LoopedPort::configure(const Wishes& wishes) {
    stop();
    wishes_ = wishes;
    rte_eth_dev_info info{};
    ASSERT_EQ(rte_eth_dev_info_get(kPort, &info), 0);
    rte_eth_conf conf{};
    conf.intr_conf.rxq = wishes.interrupts ? 1 : 0;
    if (wishes.rx_queues > 1) {
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_RSS_HASH;
        conf.rx_adv_conf.rss_conf = {.rss_key = wishes.key,
                                     .rss_key_len = static_cast<std::uint8_t>(
                                         wishes.key == nullptr ? 0 : info.hash_key_size),
                                     .rss_hf = wishes.hashes};
    }
    ASSERT_EQ(rte_eth_dev_configure(kPort, wishes.rx_queues, wishes.tx_queues, &conf), 0);
    set_up_queues();
}

void LoopedPort::set_up_queues() {
    rte_eth_dev_info info{};
    ASSERT_EQ(rte_eth_dev_info_get(kPort, &info), 0);
    for (std::uint16_t q = 0; q < wishes_.rx_queues; ++q) {
        rte_eth_rxconf conf = info.default_rxconf;
        conf.rx_deferred_start = q == wishes_.deferred_rx ? 1 : 0;
        ASSERT_EQ(rte_eth_rx_queue_setup(kPort, q, kDescriptors, kAnySocket, &conf, &pool()), 0);
    }
    for (std::uint16_t q = 0; q < wishes_.tx_queues; ++q) {
        ASSERT_EQ(rte_eth_tx_queue_setup(kPort, q, kDescriptors, kAnySocket, nullptr), 0);
    }
}

void LoopedPort::start() {
    ASSERT_EQ(rte_eth_dev_start(kPort), 0);
    started_ = true;
}

void LoopedPort::stop() {
    if (std::exchange(started_, false)) {
        EXPECT_EQ(rte_eth_dev_stop(kPort), 0);
    }
}

bool LoopedPort::send(std::uint16_t flow, std::uint32_t sequence, std::uint16_t queue) {
    rte_mbuf* mbuf = rte_pktmbuf_alloc(&pool());
    if (mbuf == nullptr) {
        return false;
    }
    write_frame(*mbuf, flow, sequence);
    if (rte_eth_tx_burst(kPort, queue, &mbuf, 1) == 1) {
        return true;
    }
    rte_pktmbuf_free(mbuf);
    return false;
}

std::vector<Frame> LoopedPort::receive(std::uint16_t queue) {
    std::array<rte_mbuf*, kBurst> mbufs{};
    std::vector<Frame> frames;
    const std::uint16_t count = rte_eth_rx_burst(kPort, queue, mbufs.data(), kBurst);
    for (std::uint16_t i = 0; i < count; ++i) {
        frames.push_back(read_frame(*mbufs[i], queue));
    }
    rte_pktmbuf_free_bulk(mbufs.data(), count);
    return frames;
}

std::vector<Frame> LoopedPort::receive_until(std::size_t wanted) {
    const auto deadline = Clock::now() + kPatience;
    std::vector<Frame> frames;
    while (frames.size() < wanted && Clock::now() < deadline) {
        const std::size_t before = frames.size();
        for (std::uint16_t q = 0; q < wishes_.rx_queues; ++q) {
            add(frames, receive(q));
        }
        if (frames.size() == before) {
            std::this_thread::yield();
        }
    }
    return frames;
}

bool LoopedPort::wait_for_waiting(int frames) {
    const auto deadline = Clock::now() + kPatience;
    for (int waiting = 0; waiting != frames; std::this_thread::yield()) {
        waiting = 0;
        for (std::uint16_t q = 0; q < wishes_.rx_queues; ++q) {
            waiting += rte_eth_rx_queue_count(kPort, q);
        }
        if (Clock::now() > deadline) {
            return false;
        }
    }
    return true;
}

std::vector<Frame> LoopedPort::exchange(unsigned flows, unsigned each) {
    const std::size_t all = std::size_t{flows} * each;
    std::vector<Frame> frames;
    for (std::size_t sent = 0; sent < all;) {
        const std::size_t until = std::min(all, sent + kOnTheirWay);
        for (; sent < until; ++sent) {
            const auto flow = static_cast<std::uint16_t>(sent % flows);
            // A flow stays on its queue: frames on different channels may overtake each other.
            const auto queue = static_cast<std::uint16_t>(flow % wishes_.tx_queues);
            const auto deadline = Clock::now() + kPatience;
            while (!send(flow, static_cast<std::uint32_t>(sent / flows), queue) &&
                   Clock::now() < deadline) {
                std::this_thread::yield();
            }
        }
        add(frames, receive_until(sent - frames.size()));
        if (frames.size() < sent) {
            break;
        }
    }
    return frames;
}

std::uint64_t LoopedPort::xstat(const std::string& name) const {
    std::uint64_t id = 0;
    std::uint64_t value = 0;
    EXPECT_EQ(rte_eth_xstats_get_id_by_name(kPort, name.c_str(), &id), 0) << name;
    EXPECT_EQ(rte_eth_xstats_get_by_id(kPort, &id, &value, 1), 1) << name;
    return value;
}

std::uint64_t LoopedPort::xstats_ending(const std::string& end) const {
    const int count = rte_eth_xstats_get_names(kPort, nullptr, 0);
    std::vector<rte_eth_xstat_name> names(static_cast<std::size_t>(std::max(count, 0)));
    EXPECT_EQ(rte_eth_xstats_get_names(kPort, names.data(), static_cast<unsigned>(count)), count);
    std::uint64_t sum = 0;
    for (const auto& name : names) {
        sum += std::string_view(name.name).ends_with(end) ? xstat(name.name) : 0;
    }
    return sum;
}

std::array<std::uint32_t, 3> hashed_of(std::uint16_t flow) {
    return {kFrom, kTo, static_cast<std::uint32_t>(kFirstPort + flow) << 16 | kToPort};
}

std::map<std::uint16_t, unsigned> LoopedPort::by_queue(const std::vector<Frame>& frames) {
    std::map<std::uint16_t, unsigned> counts;
    for (const Frame& frame : frames) {
        ++counts[frame.queue];
    }
    return counts;
}

testing::AssertionResult LoopedPort::flows_whole(const std::vector<Frame>& frames) {
    std::map<std::uint16_t, Frame> last;
    for (const Frame& frame : frames) {
        const auto before = last.find(frame.flow);
        const std::uint32_t wanted = before == last.end() ? 0 : before->second.sequence + 1;
        if (frame.sequence != wanted ||
            (before != last.end() && before->second.queue != frame.queue)) {
            return testing::AssertionFailure()
                   << "flow " << frame.flow << ": frame " << frame.sequence << " on queue "
                   << frame.queue << ", not " << wanted;
        }
        last.insert_or_assign(frame.flow, frame);
    }
    return testing::AssertionSuccess();
}

}  // namespace vmbus::guest
