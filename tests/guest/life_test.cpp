// A port that comes and goes a thousand times: what the process holds afterwards is what it held
// before. It is found, set up, used, given up and taken off its bus, each time anew.
#include <dirent.h>
#include <malloc.h>
#include <rte_alarm.h>
#include <rte_dev.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_memzone.h>

#include <atomic>
#include <fstream>
#include <ostream>

#include "looped_port.hpp"
#include "support/comes_true.hpp"

namespace vmbus::guest {
namespace {

/// What a process can leave behind, but for the bytes of the C++ heap.
struct Held {
    int files = 0;
    int mapped_files = 0;  ///< memory without a file comes and goes with the allocators
    unsigned zones = 0;
    unsigned blocks = 0;
    std::size_t block_bytes = 0;
    unsigned mbufs = 0;

    bool operator==(const Held&) const = default;
};

void PrintTo(const Held& held, std::ostream* stream) {
    *stream << held.files << " files, " << held.mapped_files << " mapped, " << held.zones
            << " zones, " << held.blocks << " blocks of " << held.block_bytes << " bytes, "
            << held.mbufs << " mbufs";
}

int count_files() {
    DIR* const folder = ::opendir("/proc/self/fd");
    int count = 0;
    while (::readdir(folder) != nullptr) ++count;
    ::closedir(folder);
    return count;
}

/// Counted by EAL's interrupt thread. It closes the epoll file that it sleeps on, and opens
/// another, whenever what it waits for changes: only while it runs a callback is one surely open.
int open_files() {
    static std::atomic<int> count;  // the callback's count, for who waits for it
    count = 0;
    EXPECT_EQ(rte_eal_alarm_set(
                  1, [](void*) { count = count_files(); }, nullptr),
              0);
    EXPECT_TRUE(test::comes_true([] { return count != 0; }));
    return count;
}

int mapped_files() {
    std::ifstream maps("/proc/self/maps");
    int count = 0;
    for (std::string line; std::getline(maps, line);) {
        count += line.find('/') != std::string::npos ? 1 : 0;
    }
    return count;
}

Held held_now() {
    Held held{.files = open_files(), .mapped_files = mapped_files()};
    rte_memzone_walk([](const rte_memzone*, void* count) { ++*static_cast<unsigned*>(count); },
                     &held.zones);
    rte_malloc_socket_stats heap{};
    EXPECT_EQ(rte_malloc_get_socket_stats(0, &heap), 0);
    held.blocks = heap.alloc_count;
    held.block_bytes = heap.heap_allocsz_bytes;
    held.mbufs = rte_mempool_in_use_count(rte_mempool_lookup("guest"));
    return held;
}

class Life : public LoopedPort {
protected:
    void live(unsigned times) {
        for (unsigned i = 0; i < times && !HasFatalFailure(); ++i) live_once();
    }

private:
    void live_once() {
        set_up({.rx_queues = 2, .tx_queues = 2});
        EXPECT_EQ(exchange(4, 1).size(), 4U);
        stop();
        rte_eth_dev_info info{};
        ASSERT_EQ(rte_eth_dev_info_get(kPort, &info), 0);
        const std::string name = rte_dev_name(info.device);
        ASSERT_EQ(rte_eth_dev_close(kPort), 0);
        ASSERT_EQ(rte_dev_remove(info.device), 0);
        ASSERT_EQ(rte_eal_hotplug_add("vmbus", name.c_str(), ""), 0);
    }
};

// row: dev_close, queue_setup
TEST_F(Life, OfAThousandPortsNothingIsLeft) {
    constexpr unsigned kTimes = 1000;
    constexpr std::size_t kSmallestBlock = 16;
    live(10);  // what is made once is made
    const Held before = held_now();
    const std::size_t heap_before = ::mallinfo2().uordblks;
    live(kTimes);
    EXPECT_EQ(held_now(), before);
    EXPECT_LT(::mallinfo2().uordblks, heap_before + kTimes * kSmallestBlock);
}

}  // namespace
}  // namespace vmbus::guest
