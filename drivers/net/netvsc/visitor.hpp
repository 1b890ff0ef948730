// Visitor: a secondary process at a port: it maps the device when its first burst asks for that,
// where the primary process has it, and unmaps it when the primary calls it back. A burst goes
// through the door (door.hpp) to the queue, which is in shared memory; one that finds it shut moves
// nothing and asks the interrupt thread to look.
// Owned by dpdk_secondary.cpp. Bursts: one lcore for each queue; the rest: EAL's interrupt thread,
// but for construction and destruction. Docs: docs/nics/netvsc.md, "Secondary processes".
#pragma once

#include <ethdev_driver.h>

#include <array>
#include <cstdint>

#include "bus/vmbus/device.hpp"
#include "net/netvsc/door.hpp"
#include "net/netvsc/rx.hpp"
#include "net/netvsc/tx.hpp"

namespace vmbus::netvsc {

class Visitor {
public:
    /// `knows_pools`: whether this process can use the pools of the primary.
    Visitor(rte_eth_dev& ethdev, bus::Device& device, Door& door, bool knows_pools) noexcept;
    Visitor(const Visitor&) = delete;
    Visitor& operator=(const Visitor&) = delete;
    /// Requires: no burst of this process runs.
    ~Visitor();

    /// What ethdev hands to burst functions, by queue: the primary process's own table is of queues
    /// that may go at any time.
    void** rx_queues() noexcept { return rx_table_.data(); }
    void** tx_queues() noexcept { return tx_table_.data(); }

    /// Calls use(queue) inside the door, for a queue of rx_queues(), or tx_queues(): what it
    /// returns, or `otherwise` when the door is shut or there is no such queue.
    template <class Result, class Use>
    static Result with_rx(void* queue, Result otherwise, Use&& use) noexcept {
        auto* const way = static_cast<Way*>(queue);
        return way == nullptr ? otherwise
                              : way->visitor->visit<RxQueue>(
                                    *way, way->visitor->ethdev_.data->rx_queues, otherwise, use);
    }
    template <class Result, class Use>
    static Result with_tx(void* queue, Result otherwise, Use&& use) noexcept {
        auto* const way = static_cast<Way*>(queue);
        return way == nullptr ? otherwise
                              : way->visitor->visit<TxQueue>(
                                    *way, way->visitor->ethdev_.data->tx_queues, otherwise, use);
    }

private:
    /// To one queue.
    struct Way {
        Visitor* visitor = nullptr;
        Door::Seat* seat = nullptr;
        std::uint16_t queue = 0;
    };
    using Table = std::array<void*, RTE_MAX_QUEUES_PER_PORT>;

    template <class Queue, class Result, class Use>
    Result visit(Way& way, void** queues, Result otherwise, Use&& use) noexcept;
    void knock() noexcept;
    static void on_alarm(void* self) noexcept;
    void look() noexcept;
    void tell_refusal() noexcept;
    void take() noexcept;
    bool map_device(std::string& problem) noexcept;
    void let_go() noexcept;

    rte_eth_dev& ethdev_;
    bus::Device& device_;
    Door& door_;
    bool knows_pools_;
    std::array<Way, kMaxQueues> rx_;
    std::array<Way, kMaxQueues> tx_;
    Table rx_table_{};
    Table tx_table_{};

    base::Shared<Door::Epoch> mapped_{0};     ///< which mapping this process has
    base::Shared<std::uint32_t> knocked_{0};  ///< a burst found the door shut
    base::Shared<std::uint32_t> looking_{0};  ///< the interrupt thread looks from time to time

    // Interrupt thread.
    Door::Epoch refused_ = 0;  ///< the mapping that cannot be had here
    Door::Refusal told_ = Door::Refusal::kNone;
    int their_file_ = -1;
};

template <class Queue, class Result, class Use>
Result Visitor::visit(Way& way, void** queues, Result otherwise, Use&& use) noexcept {
    // sync visit.use -> visit.mapped: the device is mapped before it is used.
    if (!door_.enter(*way.seat, mapped_.load_acquire())) [[unlikely]] {
        knock();
        return otherwise;
    }
    auto* const queue = static_cast<Queue*>(queues[way.queue]);
    const Result result = queue == nullptr ? otherwise : use(*queue);
    Door::leave(*way.seat);
    return result;
}

}  // namespace vmbus::netvsc
