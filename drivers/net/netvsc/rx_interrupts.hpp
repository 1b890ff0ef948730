// RxInterrupts: which receive queues of a port can sleep, and who tells them of interrupts. The
// device has one file for the interrupts of all channels, and applications wait for one file per
// queue: the interrupt thread looks which rings have something and rings the bells of their queues.
// A queue that nobody sleeps on is masked on that occasion, whoever unmasked it.
// Owned by the port. answer(), keep_awake(): EAL's interrupt thread; the rest: control threads.
// Docs: docs/nics/netvsc.md, "Receive interrupts".
#pragma once

#include <ethdev_driver.h>
#include <rte_interrupts.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>

#include "net/netvsc/rx.hpp"

namespace vmbus::netvsc {

class RxInterrupts {
public:
    explicit RxInterrupts(rte_eth_dev& ethdev) noexcept : ethdev_(ethdev) {}
    RxInterrupts(const RxInterrupts&) = delete;
    RxInterrupts& operator=(const RxInterrupts&) = delete;
    ~RxInterrupts() { close(); }

    /// Opens the bells of the first `queues` receive queues and offers them to the application; the
    /// others have no interrupts. Requires: these queues exist. 0 or -errno, then none is open.
    int open(std::uint16_t queues) noexcept;
    /// Takes them out of the application's epoll instances and closes them.
    void close() noexcept;
    bool offers(std::uint16_t queue) const noexcept { return queue < open_; }

    /// Between its start and its stop a queue is told. Nobody sleeps on a device or a lane from
    /// which nothing may come; a queue without a lane may get something from the VF.
    void watch(std::uint16_t id, RxQueue& queue, const Health& health, const Lane* lane) noexcept;
    void unwatch(std::uint16_t id) noexcept;

    /// An interrupt of the device.
    void answer() noexcept;
    /// Nothing will come any more: nobody sleeps.
    void keep_awake() noexcept;
    /// The same for the queue of one lane, and its end.
    void set_sleep(std::uint16_t id, bool allowed) noexcept;

private:
    struct FreeHandle {
        void operator()(rte_intr_handle* handle) const noexcept;
    };

    int make_handle(std::uint16_t queues) noexcept;
    RxQueue& queue(std::uint16_t id) const noexcept {
        return *static_cast<RxQueue*>(ethdev_.data->rx_queues[id]);
    }

    rte_eth_dev& ethdev_;
    std::unique_ptr<rte_intr_handle, FreeHandle> handle_;  ///< what EAL is asked about by ethdev
    std::uint16_t open_ = 0;                               ///< so many bells
    std::mutex mutex_;
    std::array<RxQueue*, kMaxQueues> watched_{};  ///< under mutex_
};

}  // namespace vmbus::netvsc
