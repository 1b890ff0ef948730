// VfStats: what went through the virtual functions of a NIC, the present one and those before it,
// as the VF's own driver counts it. The present one counts from where it was when we took it.
// Owned by Vf; control threads, any of them: it has a lock of its own, because statistics are read
// while a switch of the path may be waiting for the host.
#pragma once

#include <rte_ethdev.h>

#include <mutex>
#include <optional>

namespace vmbus::netvsc {

class VfStats {
public:
    void begin(std::uint16_t port) noexcept;
    /// Requires: the port is still there.
    void end() noexcept;
    /// The port is gone, and what it counted since the last look with it.
    void lose() noexcept;
    rte_eth_stats read() const noexcept;
    void reset() noexcept;

private:
    rte_eth_stats since_begin() const noexcept;

    mutable std::mutex mutex_;
    std::optional<std::uint16_t> port_;
    rte_eth_stats at_begin_{};
    rte_eth_stats before_{};  ///< of those that are gone
    mutable rte_eth_stats last_{};
};

/// Field by field; all of them are counts. `sign` is 1 or -1.
void add_stats(rte_eth_stats& to, const rte_eth_stats& what, std::int64_t sign = 1) noexcept;

}  // namespace vmbus::netvsc
