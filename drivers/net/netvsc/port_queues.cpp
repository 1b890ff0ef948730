#include "net/netvsc/port.hpp"

#include <rte_malloc.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <new>
#include <utility>

#include "net/netvsc/ethdev_offloads.hpp"
#include "net/netvsc/log.hpp"
#include "net/netvsc/patience.hpp"
#include "net/netvsc/telemetry.hpp"

namespace vmbus::netvsc {
namespace {

/// How long a stop waits for what the host still has.
constexpr std::chrono::milliseconds kDrain{500};

/// On the socket if it has memory, otherwise anywhere: virtual machines often have it on one.
template <class Queue, class... Arguments>
Queue* make_on_socket(unsigned socket, Arguments&&... arguments) noexcept {
    void* place = rte_zmalloc_socket("netvsc_queue", sizeof(Queue), RTE_CACHE_LINE_SIZE,
                                     static_cast<int>(socket));
    if (place == nullptr) {
        place =
            rte_zmalloc_socket("netvsc_queue", sizeof(Queue), RTE_CACHE_LINE_SIZE, SOCKET_ID_ANY);
    }
    return place == nullptr ? nullptr : new (place) Queue(std::forward<Arguments>(arguments)...);
}

template <class Queue>
void destroy(Queue* queue) noexcept {
    if (queue != nullptr) {
        queue->~Queue();
        rte_free(queue);
    }
}

}  // namespace

int Port::set_up_rx(std::uint16_t id, std::uint16_t ring_size, unsigned socket,
                    const rte_eth_rxconf& conf, rte_mempool& pool) noexcept {
    auto* queue = make_on_socket<RxQueue>(socket, pool, ethdev_.data->port_id, ring_size);
    ethdev_.data->rx_queues[id] = queue;
    if (queue == nullptr) {
        return -ENOMEM;
    }
    queue->deferred = conf.rx_deferred_start != 0;
    return 0;
}

int Port::set_up_tx(std::uint16_t id, std::uint16_t ring_size, unsigned socket,
                    const rte_eth_txconf& conf) noexcept {
    auto* queue = make_on_socket<TxQueue>(socket, ring_size);
    ethdev_.data->tx_queues[id] = queue;
    if (queue == nullptr) {
        return -ENOMEM;
    }
    queue->deferred = conf.tx_deferred_start != 0;
    return 0;
}

void Port::release_rx(std::uint16_t id) noexcept {
    const std::lock_guard guard(telemetry::mutex());
    if (!haunted_) {
        destroy(rx(id));
    }
    ethdev_.data->rx_queues[id] = nullptr;
}

void Port::release_tx(std::uint16_t id) noexcept {
    const std::lock_guard guard(telemetry::mutex());
    if (!haunted_) {
        destroy(tx(id));
    }
    ethdev_.data->tx_queues[id] = nullptr;
}

void Port::describe_rx_burst(std::uint16_t id, std::span<char> text) const noexcept {
    const RxOptions& options = rx(id)->options();
    std::snprintf(text.data(), text.size(), "Scalar%s%s%s", options.scatter ? ", scattered" : "",
                  options.coalesced ? ", coalesced" : "",
                  options.lend_above != kNeverLend ? ", lent" : "");
}

void Port::describe_tx_burst(std::uint16_t id, std::span<char> text) const noexcept {
    const TxOptions& options = tx(id)->options();
    std::snprintf(text.data(), text.size(), "Scalar%s%s",
                  options.single_producer ? ", single producer" : "",
                  options.addresses_known ? ", large packets from their pages" : ", copied");
}

int Port::start_rx(std::uint16_t id) noexcept {
    const ShutDoor shut(*this);
    if (!alive()) {
        return -ENODEV;
    }
    // A queue beyond the channels that the host has given us is there, and empty.
    const bool has_lane = id < session_->lanes();
    if (has_lane) {
        rx(id)->start(*session_, receive_options(), id);
        session_->set_received(id, true);
    }
    receivers_.watch(id, *rx(id), session_->health(), has_lane ? &session_->lane(id) : nullptr);
    ethdev_.data->rx_queue_state[id] = RTE_ETH_QUEUE_STATE_STARTED;
    return 0;
}

int Port::start_tx(std::uint16_t id) noexcept {
    const ShutDoor shut(*this);
    if (!alive()) {
        return -ENODEV;
    }
    const TxOptions options{.copybreak = arguments_.tx_copybreak,
                            .max_shared_packets = arguments_.tx_agg_packets,
                            .max_shared_bytes = arguments_.tx_agg_bytes,
                            .addresses_known = addresses_known_,
                            .single_producer = arguments_.ring_mode == ring::Publication::kSingle,
                            .count_frames = arguments_.frame_xstats,
                            .can = abilities_of(ethdev_.data->dev_conf, session_->facts().offloads,
                                                view().max_sent_frame())};
    tx(id)->start(*session_, options, id);
    ethdev_.data->tx_queue_state[id] = RTE_ETH_QUEUE_STATE_STARTED;
    return 0;
}

int Port::stop_rx(std::uint16_t id) noexcept {
    const ShutDoor shut(*this);
    receivers_.unwatch(id);
    if (!haunted_) {
        rx(id)->stop();
        if (id < session_->lanes()) {
            session_->set_received(id, false);
        }
    }
    ethdev_.data->rx_queue_state[id] = RTE_ETH_QUEUE_STATE_STOPPED;
    return 0;
}

int Port::stop_tx(std::uint16_t id) noexcept {
    const ShutDoor shut(*this);
    done_within(kDrain, [&] {
        if (Lane* lane = tx(id)->lane(); lane != nullptr && lane->alive()) {
            lane->poll();
            tx(id)->reap();
            return tx(id)->outstanding() == 0;
        }
        return true;
    });
    detach_line(id);
    return 0;
}

/// ethdev does not see to it.
bool Port::queues_are_set_up() const noexcept {
    const auto null = [](const void* queue) { return queue == nullptr; };
    return std::none_of(ethdev_.data->rx_queues,
                        ethdev_.data->rx_queues + ethdev_.data->nb_rx_queues, null) &&
           std::none_of(ethdev_.data->tx_queues,
                        ethdev_.data->tx_queues + ethdev_.data->nb_tx_queues, null);
}

void Port::start_queues() noexcept {
    for (std::uint16_t lane = 0; lane < session_->lanes(); ++lane) {
        session_->set_received(lane, false);
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        if (!rx(q)->deferred) {
            start_rx(q);
        }
    }
    session_->share_sections(std::max(ethdev_.data->nb_tx_queues, std::uint16_t{1}));
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        if (!tx(q)->deferred) {
            start_tx(q);
        }
    }
    session_->set_sending(true);
    events_.set_carrier_wanted(true);
    session_->link().set_data_path_running(true);
}

void Port::stop_queues() noexcept {
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        stop_rx(q);
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        detach_line(q);
    }
}

/// Not of a queue that a process is in: the line is what it works on, until it comes out.
void Port::detach_line(std::uint16_t id) noexcept {
    if (!haunted_) {
        tx(id)->stop();
    }
    ethdev_.data->tx_queue_state[id] = RTE_ETH_QUEUE_STATE_STOPPED;
}

/// What the application holds of the receive buffer stays where it is, in memory of our own.
void Port::keep_lent(const std::vector<Loans*>& tables) noexcept {
    std::uint32_t packets = 0;
    for (const Loans* table : tables) {
        packets += table->lent();
    }
    std::shared_ptr<base::Mapping> memory;
    if (packets != 0) {
        memory.reset(new (std::nothrow)
                         base::Mapping(device_.take_region(bus::Map::kReceiveBuffer)));
        const bool moved = memory != nullptr && replace_by_copy(memory->bytes(), tables);
        log_line(LogType::kDriver, moved ? RTE_LOG_NOTICE : RTE_LOG_WARNING,
                 moved ? "%s: %u packets are still held; they were moved out of the host's memory"
                       : "%s: %u packets are still held, and keep the device's memory mapped",
                 device_.name(), packets);
    }
    for (Loans* const table : tables) {
        table->close(memory);
    }
}

/// Gives back what was not received, and waits for what was sent.
void Port::drain() noexcept {
    if (haunted_) {
        return;
    }
    for (std::uint16_t lane = 0; lane < session_->lanes(); ++lane) {
        session_->set_received(lane, false);
    }
    done_within(kDrain, [&] {
        for (std::uint16_t lane = 0; alive() && lane < session_->lanes(); ++lane) {
            session_->lane(lane).poll();
        }
        return !alive() || reap_all() == 0;
    });
}

/// How many messages the host still has, and can complete.
std::uint32_t Port::reap_all() noexcept {
    std::uint32_t outstanding = 0;
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        if (const Lane* lane = tx(q)->lane(); lane != nullptr && !lane->lost()) {
            tx(q)->reap();
            outstanding += lane->alive() ? tx(q)->outstanding() : 0;
        }
    }
    return outstanding;
}

}  // namespace vmbus::netvsc
