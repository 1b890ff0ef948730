#include "net/netvsc/rx_interrupts.hpp"

#include <cerrno>

namespace vmbus::netvsc {

void RxInterrupts::FreeHandle::operator()(rte_intr_handle* handle) const noexcept {
    rte_intr_free_epoll_fd(handle);
    rte_intr_vec_list_free(handle);
    rte_intr_instance_free(handle);
}

int RxInterrupts::open(std::uint16_t queues) noexcept {
    int error = 0;
    for (; open_ < queues && error == 0; ++open_) {
        error = queue(open_).bell.open();
    }
    error = error != 0 ? error : make_handle(queues);
    if (error != 0) {
        close();
        return error;
    }
    ethdev_.intr_handle = handle_.get();
    return 0;
}

/// Every queue has a vector, but only the first ones a file: EAL refuses the others.
int RxInterrupts::make_handle(std::uint16_t queues) noexcept {
    const std::uint16_t all = ethdev_.data->nb_rx_queues;
    handle_.reset(rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE));
    rte_intr_handle* handle = handle_.get();
    // EXT: EAL leaves the files unread, and they are what it watches, on their edge.
    if (handle == nullptr || rte_intr_type_set(handle, RTE_INTR_HANDLE_EXT) != 0 ||
        rte_intr_vec_list_alloc(handle, "netvsc_rx", all) != 0) {
        return -ENOMEM;
    }
    int failed = rte_intr_nb_efd_set(handle, queues) | rte_intr_max_intr_set(handle, queues + 1);
    for (std::uint16_t id = 0; id < all; ++id) {
        failed |= rte_intr_vec_list_index_set(handle, id, RTE_INTR_VEC_RXTX_OFFSET + id);
        failed |= id < queues ? rte_intr_efds_index_set(handle, id, queue(id).bell.fd()) : 0;
    }
    return failed == 0 ? 0 : -EINVAL;
}

void RxInterrupts::close() noexcept {
    ethdev_.intr_handle = nullptr;
    handle_.reset();
    while (open_ > 0) {
        queue(--open_).bell.close();
    }
}

void RxInterrupts::watch(std::uint16_t id, RxQueue& queue, const Health& health,
                         const Lane* lane) noexcept {
    const std::lock_guard guard(mutex_);
    watched_[id] = &queue;
    queue.bell.let_sleep(RxBell::State::kRemoved);
    if (!health.alive() || (lane != nullptr && lane->given_up())) {
        queue.bell.keep_awake(RxBell::State::kRemoved);
    }
}

void RxInterrupts::unwatch(std::uint16_t id) noexcept {
    const std::lock_guard guard(mutex_);
    watched_[id] = nullptr;
}

void RxInterrupts::answer() noexcept {
    const std::lock_guard guard(mutex_);
    for (RxQueue* const each : watched_) {
        if (each != nullptr) {
            each->answer_interrupt();
        }
    }
}

void RxInterrupts::keep_awake() noexcept {
    const std::lock_guard guard(mutex_);
    for (RxQueue* const each : watched_) {
        if (each != nullptr) {
            each->bell.keep_awake(RxBell::State::kRemoved);
        }
    }
}

void RxInterrupts::set_sleep(std::uint16_t id, bool allowed) noexcept {
    const std::lock_guard guard(mutex_);
    if (watched_[id] == nullptr) {
        return;
    }
    if (allowed) {
        watched_[id]->bell.let_sleep(RxBell::State::kRemoved);
    } else {
        watched_[id]->bell.keep_awake(RxBell::State::kRemoved);
    }
}

}  // namespace vmbus::netvsc
