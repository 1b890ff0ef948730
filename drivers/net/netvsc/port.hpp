// Port: one NIC of an application: its session with the host, its queues, its place in the state
// table (port_state.hpp). Everything that ethdev asks for ends here, as a plain call: life in
// port.cpp, the rest by subject in port_queues, port_stats, port_filter, port_offloads, port_info.
// Owned by the ethdev (process_private) from probe to close. Control threads, one at a time, as
// ethdev demands; bursts go to the queues directly.
#pragma once

#include <ethdev_driver.h>

#include <algorithm>
#include <array>
#include <memory>

#include "bus/vmbus/device.hpp"
#include "net/netvsc/control/session.hpp"
#include "net/netvsc/devargs.hpp"
#include "net/netvsc/events.hpp"
#include "net/netvsc/port_state.hpp"
#include "net/netvsc/rx.hpp"
#include "net/netvsc/tx.hpp"

namespace vmbus::netvsc {

/// Hosts take frames of up to 9216 bytes, the Ethernet header included.
inline constexpr std::uint32_t kMaxFrame = 9216;

class Port {
public:
    Port(bus::Device& device, rte_eth_dev& ethdev, const DeviceArguments& arguments) noexcept
        : device_(device), ethdev_(ethdev), arguments_(arguments), events_(device, ethdev) {}
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port();

    bus::Device& device() noexcept { return device_; }
    rte_eth_dev& ethdev() noexcept { return ethdev_; }
    /// Requires: attached.
    const oids::MacAddress& mac() const noexcept { return session_->facts().mac; }

    /// Builds the session; the device may be mapped already. All of these: 0 or -errno.
    int attach(std::uint32_t mtu) noexcept;
    int configure() noexcept;
    int start() noexcept;
    int stop() noexcept;
    int close() noexcept;
    /// Requires a stopped port, because the host learns the MTU in the handshake only.
    int set_mtu(std::uint32_t mtu) noexcept;

    int set_promiscuous(bool on) noexcept;
    int set_all_multicast(bool on) noexcept;
    int update_link() noexcept;
    void describe(rte_eth_dev_info& info) const noexcept;

    int set_up_rx(std::uint16_t id, std::uint16_t ring_size, rte_mempool& pool) noexcept;
    int set_up_tx(std::uint16_t id, std::uint16_t ring_size) noexcept;
    void release_rx(std::uint16_t id) noexcept;
    void release_tx(std::uint16_t id) noexcept;
    RxQueue* rx(std::uint16_t id) const noexcept {
        return static_cast<RxQueue*>(ethdev_.data->rx_queues[id]);
    }
    TxQueue* tx(std::uint16_t id) const noexcept {
        return static_cast<TxQueue*>(ethdev_.data->tx_queues[id]);
    }

    void read_stats(rte_eth_stats& stats) const noexcept;
    void reset_stats() noexcept;
    /// Calls visit(direction, queue, name, value) for each counter that ethdev has not.
    template <class Visit>
    void for_each_counter(Visit&& visit) const noexcept;

private:
    bool step(PortStep step) noexcept;
    void detach() noexcept;
    int rebuild(std::uint32_t mtu) noexcept;
    int apply_filter() noexcept;
    int use_offloads() noexcept;
    void start_queues() noexcept;
    void stop_queues() noexcept;
    void drain() noexcept;
    void set_latency() noexcept;
    std::uint32_t max_mtu() const noexcept;
    /// Channels that so many queues want, were there enough; one is always there.
    std::uint16_t wanted_lanes() const noexcept {
        return std::clamp(std::max(ethdev_.data->nb_rx_queues, ethdev_.data->nb_tx_queues),
                          std::uint16_t{1}, kMaxQueues);
    }
    std::uint32_t max_sent_frame() const noexcept;
    bool alive() const noexcept { return session_ != nullptr && session_->health().alive(); }

    bus::Device& device_;
    rte_eth_dev& ethdev_;
    DeviceArguments arguments_;
    PortState state_ = PortState::kMapped;
    bool addresses_known_ = false;
    bool promiscuous_ = false;
    bool all_multicast_ = false;
    std::uint32_t filter_ = 0;  ///< what the host was told
    Events events_;
    std::array<RingCounters, kMaxQueues> ring_counters_;  ///< by lane
    std::unique_ptr<Session> session_;
};

template <class Visit>
void Port::for_each_counter(Visit&& visit) const noexcept {
    // The first two of a queue are ethdev's own rx_q0_packets and rx_q0_bytes.
    constexpr std::size_t kOwn = 2;
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        for (std::size_t i = kOwn; i < RxCounters::kSize; ++i) {
            visit("rx", q, kRxNames[i], rx(q) == nullptr ? 0 : rx(q)->counters().at(i).value());
        }
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        for (std::size_t i = kOwn; i < TxCounters::kSize; ++i) {
            visit("tx", q, kTxNames[i], tx(q) == nullptr ? 0 : tx(q)->counters().at(i).value());
        }
    }
    for (std::uint16_t lane = 0; lane < wanted_lanes(); ++lane) {
        for (std::size_t i = 0; i < RingCounters::kSize; ++i) {
            visit("ring", lane, kRingNames[i], ring_counters_[lane].at(i).value());
        }
        const bool open = session_ != nullptr && lane < session_->lanes();
        visit("ring", lane, "signals",
              open ? session_->lane(lane).channel().signals() : std::uint64_t{0});
    }
}

}  // namespace vmbus::netvsc
