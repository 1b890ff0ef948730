// An application of several processes on one port: the primary one and secondary ones burst each
// on the queue of its number, send frames that the host loops back, and count. A line on standard
// input says what to do; each is answered by a line. Started as any program of DPDK is, with the
// queue, and behind it in the primary process the number of queues, in another one an address that
// is to be taken, behind "--".
#include <poll.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <sstream>
#include <string>

namespace vmbus::guest {
namespace {

constexpr std::uint16_t kPort = 0;
constexpr std::uint16_t kBurst = 16;
constexpr std::uint16_t kDescriptors = 256;
constexpr std::uint16_t kFrameBytes = 64;
/// Frames on their way that a process starts no more of its own with: the host loops 512.
constexpr std::uint64_t kMostAhead = 64;
constexpr unsigned kMbufs = 4095;
constexpr unsigned kCache = 128;

std::string pool_name(unsigned queue) {
    return "sharer_" + std::to_string(queue);
}

bool is_primary() {
    return rte_eal_process_type() == RTE_PROC_PRIMARY;
}

constexpr std::size_t kPageBytes = 4096;

/// A page whose touch is the end of the process.
void* deadly_page() {
    return ::mmap(nullptr, kPageBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

volatile sig_atomic_t may_go_on = 0;

/// Something is there, before anybody else wants to be.
void occupy(std::uintptr_t address) {
    ::mmap(reinterpret_cast<void*>(address), kPageBytes, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}

/// Whoever touches a deadly page stays there until SIGUSR1 comes; then the page is one as others.
void stay_here(int /*signal*/, siginfo_t* touched, void* /*context*/) {
    constexpr char kStuck[] = "stuck\n";
    static_cast<void>(::write(STDOUT_FILENO, kStuck, sizeof kStuck - 1) > 0);
    while (may_go_on == 0) {
        ::usleep(1000);
    }
    const auto at = reinterpret_cast<std::uintptr_t>(touched->si_addr) & ~(kPageBytes - 1);
    if (::mprotect(reinterpret_cast<void*>(at), kPageBytes, PROT_READ | PROT_WRITE) != 0) {
        ::_exit(1);  // another fault than the one that was asked for
    }
}

void stay_at_deadly_pages() {
    struct sigaction stay {};
    stay.sa_sigaction = stay_here;
    stay.sa_flags = SA_SIGINFO;
    ::sigaction(SIGSEGV, &stay, nullptr);
    struct sigaction go_on {};
    go_on.sa_handler = [](int) { may_go_on = 1; };
    ::sigaction(SIGUSR1, &go_on, nullptr);
}

int resets_asked = 0;

int on_reset(std::uint16_t /*port*/, rte_eth_event_type /*event*/, void* /*mine*/, void* /*ret*/) {
    ++resets_asked;
    return 0;
}

/// The process before this one on the queue may have left deadly pages in the pool.
void mend(rte_mempool* /*pool*/, void* /*mine*/, void* object, unsigned /*index*/) {
    auto* const mbuf = static_cast<rte_mbuf*>(object);
    mbuf->buf_addr = mbuf + 1;
}

class Sharer {
public:
    explicit Sharer(std::uint16_t queue) : queue_(queue) {}

    bool set_up(std::uint16_t queues) {
        if (is_primary()) {
            for (unsigned q = 0; q < queues; ++q) {
                rte_pktmbuf_pool_create(pool_name(q).c_str(), kMbufs, kCache, 0,
                                        RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
            }
        }
        rte_eth_dev_callback_register(kPort, RTE_ETH_EVENT_INTR_RESET, on_reset, nullptr);
        pool_ = rte_mempool_lookup(pool_name(queue_).c_str());
        if (pool_ == nullptr) {
            return false;
        }
        rte_mempool_obj_iter(pool_, mend, nullptr);
        return !is_primary() || start(queues);
    }

    /// Until "quit" or the end of input.
    void run() {
        std::cout << "running" << std::endl;
        for (bool on = true; on;) {
            exchange();
            pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
            std::string line;
            if (::poll(&input, 1, 0) > 0) {
                on = static_cast<bool>(std::getline(std::cin, line)) && obey(line);
            }
        }
        if (is_primary()) {
            rte_eth_dev_stop(kPort);
            rte_eth_dev_close(kPort);
        }
    }

private:
    bool obey(const std::string& line) {
        std::istringstream words(line);
        std::string what;
        unsigned number = 0;
        words >> what >> number;
        if (tell(what, line)) {
            return true;
        }
        if (what == "rest") {
            resting_ = number != 0;
            std::cout << "resting " << resting_ << std::endl;
        } else if (what == "mtu") {
            rte_eth_dev_stop(kPort);
            say("mtu", rte_eth_dev_set_mtu(kPort, static_cast<std::uint16_t>(number)) == 0 &&
                           rte_eth_dev_start(kPort) == 0);
        } else if (what == "queues") {
            rte_eth_dev_stop(kPort);
            say("queues", start(static_cast<std::uint16_t>(number)));
        } else if (what == "stop") {
            say("stop", rte_eth_dev_stop(kPort) == 0);
        } else if (what == "start") {
            say("start", rte_eth_dev_start(kPort) == 0);
        } else if (what == "queue") {
            say("queue", restart_queue(static_cast<std::uint16_t>(number)));
        } else if (what == "revive") {
            rte_eth_dev_stop(kPort);
            say("revive", rte_eth_dev_reset(kPort) == 0 && start(queues_));
        } else if (what == "die" || what == "stick") {
            if (what == "stick") {
                stay_at_deadly_pages();
            }
            poison(line.ends_with("sending"));
        } else if (what == "quit") {
            return false;
        }
        return true;
    }
    /// Answers a question, if it is one.
    bool tell(const std::string& what, const std::string& line) const {
        if (what == "counts") {
            std::cout << "sent " << sent_ << " received " << received_ << " rounds " << rounds_
                      << std::endl;
        } else if (what == "state") {
            rte_eth_link link{};
            rte_eth_link_get_nowait(kPort, &link);
            std::cout << "link " << link.link_status << " resets " << resets_asked << std::endl;
        } else if (what == "xstat") {
            std::uint64_t id = 0;
            std::uint64_t value = 0;
            const std::string name = line.substr(what.size() + 1);
            const bool known = rte_eth_xstats_get_id_by_name(kPort, name.c_str(), &id) == 0 &&
                               rte_eth_xstats_get_by_id(kPort, &id, &value, 1) == 1;
            std::cout << "xstat " << (known ? std::to_string(value) : "unknown") << std::endl;
        } else {
            return false;
        }
        return true;
    }
    static void say(const char* what, bool done) {
        std::cout << what << (done ? " done" : " failed") << std::endl;
    }

    bool start(std::uint16_t queues) {
        queues_ = queues;
        rte_eth_conf conf{};
        if (queues > 1) {
            conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
            conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4;
        }
        if (rte_eth_dev_configure(kPort, queues, queues, &conf) != 0) {
            return false;
        }
        for (std::uint16_t q = 0; q < queues; ++q) {
            rte_mempool* const pool = rte_mempool_lookup(pool_name(q).c_str());
            if (rte_eth_rx_queue_setup(kPort, q, kDescriptors, 0, nullptr, pool) != 0 ||
                rte_eth_tx_queue_setup(kPort, q, kDescriptors, 0, nullptr) != 0) {
                return false;
            }
        }
        return rte_eth_dev_start(kPort) == 0;
    }
    static bool restart_queue(std::uint16_t queue) {
        return rte_eth_dev_rx_queue_stop(kPort, queue) == 0 &&
               rte_eth_dev_tx_queue_stop(kPort, queue) == 0 &&
               rte_eth_dev_rx_queue_start(kPort, queue) == 0 &&
               rte_eth_dev_tx_queue_start(kPort, queue) == 0;
    }

    void exchange() {
        std::array<rte_mbuf*, kBurst> mbufs{};
        const std::uint16_t got = rte_eth_rx_burst(kPort, queue_, mbufs.data(), kBurst);
        rte_pktmbuf_free_bulk(mbufs.data(), got);
        received_ += got;
        // Others receive some of ours, and we some of theirs: a round without any counts as well.
        ahead_ = got != 0 ? 0 : ahead_;
        if (!resting_ && ahead_ < kMostAhead) {
            send();
        } else if (got == 0) {
            ahead_ = 0;
            ::usleep(50);
        }
        ++rounds_;
    }
    void send() {
        std::array<rte_mbuf*, kBurst> mbufs{};
        if (rte_pktmbuf_alloc_bulk(pool_, mbufs.data(), kBurst) != 0) {
            return;
        }
        for (rte_mbuf* mbuf : mbufs) {
            write(*mbuf);
        }
        if (deadly_ != nullptr && may_go_on == 0) {
            mbufs[kBurst / 2]->buf_addr = deadly_;
        }
        const std::uint16_t sent = rte_eth_tx_burst(kPort, queue_, mbufs.data(), kBurst);
        for (std::uint16_t i = sent; i < kBurst; ++i) {
            mend(nullptr, nullptr, mbufs[i], i);  // a deadly one is for bursts alone
            rte_pktmbuf_free(mbufs[i]);
        }
        sent_ += sent;
        ahead_ += sent;
    }
    void write(rte_mbuf& mbuf) {
        auto* const ether =
            reinterpret_cast<rte_ether_hdr*>(rte_pktmbuf_append(&mbuf, kFrameBytes));
        std::memset(static_cast<void*>(ether), 0, kFrameBytes);
        std::memset(&ether->dst_addr, 0xFF, sizeof ether->dst_addr);
        ether->ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
        auto* const ip = reinterpret_cast<rte_ipv4_hdr*>(ether + 1);
        ip->version_ihl = RTE_IPV4_VHL_DEF;
        ip->total_length = rte_cpu_to_be_16(kFrameBytes - sizeof *ether);
        ip->time_to_live = 64;
        ip->next_proto_id = IPPROTO_UDP;
        ip->src_addr = rte_cpu_to_be_32(RTE_IPV4(198, 18, 0, 1) + flow_++ % 64);  // RFC 2544
        ip->dst_addr = rte_cpu_to_be_32(RTE_IPV4(198, 19, 0, 1));
        ip->hdr_checksum = rte_ipv4_cksum(ip);
    }

    /// From now on a burst touches what is the end of this process, in the middle of its work.
    void poison(bool sending) {
        deadly_ = sending ? deadly_page() : nullptr;
        std::array<rte_mbuf*, kCache> mbufs{};
        if (!sending && rte_pktmbuf_alloc_bulk(pool_, mbufs.data(), kCache) == 0) {
            for (rte_mbuf* mbuf : mbufs) {
                mbuf->buf_addr = deadly_page();
            }
            resting_ = true;  // others send
            rte_pktmbuf_free_bulk(mbufs.data(), kCache);
        }
    }

    std::uint16_t queue_;
    std::uint16_t queues_ = 1;
    rte_mempool* pool_ = nullptr;
    bool resting_ = false;
    void* deadly_ = nullptr;
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
    std::uint64_t rounds_ = 0;
    std::uint64_t ahead_ = 0;
    std::uint32_t flow_ = 0;
};

}  // namespace
}  // namespace vmbus::guest

int main(int argc, char** argv) {
    const int taken = rte_eal_init(argc, argv);
    if (taken < 0 || argc <= taken + 1) {
        return 1;
    }
    vmbus::guest::Sharer sharer(static_cast<std::uint16_t>(std::atoi(argv[taken + 1])));
    const std::string more = argc > taken + 2 ? argv[taken + 2] : "1";
    if (more.starts_with("0x")) {
        vmbus::guest::occupy(std::stoull(more, nullptr, 16));
    }
    const int queues = std::atoi(more.c_str());
    if (!sharer.set_up(static_cast<std::uint16_t>(queues))) {
        return 1;
    }
    sharer.run();
    rte_eal_cleanup();
    return 0;
}
