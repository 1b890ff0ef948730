// By which numbers a process knows the drivers of memory pools. A pool says its driver by number,
// and each process numbers them as it loads them: where two differ, neither can use the other's
// pools, though it can reach them. Control threads. Source: DPDK lib/mempool/rte_mempool.h.
#pragma once

#include <rte_mempool.h>

#include <cstdint>
#include <string_view>

namespace vmbus::netvsc {

class PoolDrivers {
public:
    /// Those of this process, as of now.
    static PoolDrivers here() noexcept { return PoolDrivers(rte_mempool_ops_table.num_ops); }
    /// Whether this process knows all of them by the same numbers; it may know more.
    bool are_ours() const noexcept {
        return count_ <= rte_mempool_ops_table.num_ops && digest_ == PoolDrivers(count_).digest_;
    }

private:
    explicit PoolDrivers(std::uint32_t count) noexcept : count_(count) {
        for (std::uint32_t i = 0; i < count_; ++i) {
            for (const char letter : std::string_view(rte_mempool_ops_table.ops[i].name)) {
                mix(static_cast<unsigned char>(letter));
            }
            mix(0);
        }
    }
    /// FNV-1a.
    void mix(unsigned char byte) noexcept { digest_ = (digest_ ^ byte) * 0x100000001b3; }

    std::uint32_t count_;
    std::uint64_t digest_ = 0xcbf29ce484222325;
};

}  // namespace vmbus::netvsc
