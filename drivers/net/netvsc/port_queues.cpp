#include "net/netvsc/port.hpp"

#include <cerrno>
#include <chrono>
#include <mutex>
#include <new>
#include <thread>

#include "net/netvsc/ethdev_offloads.hpp"
#include "net/netvsc/telemetry.hpp"

namespace vmbus::netvsc {
namespace {

/// How long a stop waits for what the host still has.
constexpr std::chrono::milliseconds kDrain{500};

}  // namespace

int Port::set_up_rx(std::uint16_t id, std::uint16_t ring_size, rte_mempool& pool) noexcept {
    ethdev_.data->rx_queues[id] =
        new (std::nothrow) RxQueue(pool, ethdev_.data->port_id, ring_size);
    return ethdev_.data->rx_queues[id] == nullptr ? -ENOMEM : 0;
}

int Port::set_up_tx(std::uint16_t id, std::uint16_t ring_size) noexcept {
    ethdev_.data->tx_queues[id] = new (std::nothrow) TxQueue(ring_size);
    return ethdev_.data->tx_queues[id] == nullptr ? -ENOMEM : 0;
}

void Port::release_rx(std::uint16_t id) noexcept {
    const std::lock_guard guard(telemetry::mutex());
    delete rx(id);
    ethdev_.data->rx_queues[id] = nullptr;
}

void Port::release_tx(std::uint16_t id) noexcept {
    const std::lock_guard guard(telemetry::mutex());
    delete tx(id);
    ethdev_.data->tx_queues[id] = nullptr;
}

void Port::start_queues() noexcept {
    const std::uint64_t rx_offloads = ethdev_.data->dev_conf.rxmode.offloads;
    const ChecksumOffloads checksums = checksums_of(ethdev_.data->dev_conf);
    const bool coalesced = (rx_offloads & RTE_ETH_RX_OFFLOAD_TCP_LRO) != 0;
    const RxOptions rx_options{
        .vlan_strip = receive_settings().vlan_strip,
        .scatter = (rx_offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0,
        .coalesced = coalesced,
        .rss_hash = (rx_offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0,
        // Of what was put together the old sum is stale, which has to be said.
        .checksum_flags = reported_flags(checksums.rx) |
                          (coalesced ? std::uint64_t{RTE_MBUF_F_RX_L4_CKSUM_MASK} : 0U),
        .packet_types = packet_types_};
    const TxOptions tx_options{
        .copybreak = arguments_.tx_copybreak,
        .addresses_known = addresses_known_,
        .single_producer = arguments_.ring_mode == ring::Publication::kSingle,
        .can = abilities_of(ethdev_.data->dev_conf, session_->facts().offloads, max_sent_frame())};
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        rx(q)->start(*session_, rx_options);
        ethdev_.data->rx_queue_state[q] = RTE_ETH_QUEUE_STATE_STARTED;
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        tx(q)->start(*session_, tx_options);
        ethdev_.data->tx_queue_state[q] = RTE_ETH_QUEUE_STATE_STARTED;
    }
    session_->link().set_data_path_running(true);
}

void Port::stop_queues() noexcept {
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        rx(q)->stop();
        ethdev_.data->rx_queue_state[q] = RTE_ETH_QUEUE_STATE_STOPPED;
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        tx(q)->stop();
        ethdev_.data->tx_queue_state[q] = RTE_ETH_QUEUE_STATE_STOPPED;
    }
}

/// Gives back what was not received, and waits for what was sent.
void Port::drain() noexcept {
    const auto deadline = std::chrono::steady_clock::now() + kDrain;
    while (alive()) {
        {
            const Ownership own(session_->owner());
            if (own) {
                session_->inbound().take_all();
                session_->inbound().discard_ranges();
                session_->inbound().finish();
            }
        }
        std::uint32_t outstanding = 0;
        for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
            tx(q)->reap();
            outstanding += tx(q)->outstanding();
        }
        if (outstanding == 0 || std::chrono::steady_clock::now() >= deadline) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
}

}  // namespace vmbus::netvsc
