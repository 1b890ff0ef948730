// SharedState: what of a port every process of the application may look at: the counters of its
// rings, what the host said, and figures of the last second. Plain data without a pointer, in
// memory that all processes map (dev_private). The primary process makes it and writes it; a
// secondary process only ever copies it. Counters of queues lie in the queues, which are shared as
// well. Docs: docs/nics/netvsc.md, "Secondary processes".
#pragma once

#include <rte_ethdev.h>
#include <rte_seqlock.h>

#include <array>
#include <cstdint>
#include <type_traits>

#include "net/netvsc/control/session.hpp"
#include "net/netvsc/door.hpp"
#include "net/netvsc/pool_drivers.hpp"
#include "net/netvsc/port_state.hpp"
#include "net/netvsc/rx.hpp"
#include "net/netvsc/stats.hpp"
#include "net/netvsc/tx.hpp"
#include "net/netvsc/vf_stats.hpp"
#include "wire/ring_page.hpp"

namespace vmbus::netvsc {

/// Of a ring page: the four words in use, the reserved ones behind them, the feature bits; of both
/// rings of the primary channel.
inline constexpr std::uint32_t kRingWords = offsetof(wire::RingPage, feature_bits) / 4 + 1;
inline constexpr std::uint32_t kRegisters = 2 * kRingWords;

/// Changes when the application or the host wants it, and is published then.
struct PortFacts {
    bool attached = false;  ///< without, what follows but the state means nothing
    bool addresses_known = false;
    bool counts_frames = false;
    PortState state = PortState::kMapped;
    wire::NvspVersion version{};
    std::uint32_t mtu = 0;
    std::uint32_t filter = 0;
    HostFacts host{};
    std::uint32_t hash_types = 0;
    RssKey rss_key{};
    std::uint16_t rss_entries = 0;
    std::array<std::uint16_t, kMaxRssTable> rss_table{};
};

struct RingFigures {
    std::uint64_t tx_bytes = 0;
    std::uint64_t tx_in_flight = 0;
    std::uint64_t rx_bytes = 0;
    std::uint64_t rx_unread = 0;
    std::uint64_t signals = 0;
};

/// Moves all the time, and is published once a second.
struct PortFigures {
    bool alive = false;
    std::uint16_t lanes = 0;
    std::array<RingFigures, kMaxQueues> rings{};
    VfFigures vf{};
    std::array<std::uint32_t, kRegisters> registers{};
};

class SharedState {
public:
    /// Of another build of the driver: its secondary process must not look.
    bool fits() const noexcept { return layout_ == kLayout; }

    /// Of the process that made this.
    const PoolDrivers& pool_drivers() const noexcept { return pool_drivers_; }

    /// Primary process. Any thread.
    void publish(const PortFacts& facts) noexcept;
    void publish(const PortFigures& figures) noexcept;
    /// False when the primary process writes for too long, perhaps for ever.
    bool copy(PortFacts& facts, PortFigures& figures) const noexcept;

    /// By lane; of the ring owners of the primary process.
    std::array<RingCounters, kMaxQueues> ring_counters{};

private:
    static constexpr std::uint64_t kLayout =
        std::uint64_t{sizeof(PortFacts) + sizeof(PortFigures) + sizeof(Door) + sizeof(Lane)} << 40 |
        std::uint64_t{sizeof(RxQueue)} << 20 | sizeof(TxQueue);

    std::uint64_t layout_ = kLayout;
    PoolDrivers pool_drivers_ = PoolDrivers::here();
    rte_seqlock_t lock_ = RTE_SEQLOCK_INITIALIZER;  // who only looks does not write, and may die
    PortFacts facts_{};
    PortFigures figures_{};
};
static_assert(std::is_trivially_copyable_v<PortFacts> && std::is_trivially_copyable_v<PortFigures>,
              "another process copies them as bytes");

}  // namespace vmbus::netvsc
