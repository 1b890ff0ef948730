// VfStats: what went through the virtual functions of a NIC, the present one and those before it,
// as the VF's own driver counts it. The present one counts from where it was when we took it.
// Owned by Vf; control threads, any of them: it has a lock of its own, because statistics are read
// while a switch of the path may be waiting for the host.
#pragma once

#include <rte_ethdev.h>

#include <mutex>
#include <optional>

namespace vmbus::netvsc {

/// Of all virtual functions that a NIC has had.
struct VfFigures {
    rte_eth_stats stats{};
    std::uint64_t active = 0;
    std::uint64_t switches_to_vf = 0;
    std::uint64_t switches_to_synthetic = 0;
    std::uint64_t removals = 0;
    std::uint64_t failures = 0;
    std::uint64_t last_switch_back_us = 0;

    /// Calls visit(name, value).
    template <class Visit>
    void for_each(Visit&& visit) const noexcept {
        visit("rx_packets", stats.ipackets);
        visit("rx_bytes", stats.ibytes);
        visit("rx_missed", stats.imissed);
        visit("rx_errors", stats.ierrors);
        visit("rx_no_mbuf", stats.rx_nombuf);
        visit("tx_packets", stats.opackets);
        visit("tx_bytes", stats.obytes);
        visit("tx_errors", stats.oerrors);
        visit("active", active);
        visit("switches_to_vf", switches_to_vf);
        visit("switches_to_synthetic", switches_to_synthetic);
        visit("removals", removals);
        visit("failures", failures);
        visit("last_switch_back_us", last_switch_back_us);
    }
};

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
