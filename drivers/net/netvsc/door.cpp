#include "net/netvsc/door.hpp"

#include <rte_memzone.h>

#include <algorithm>
#include <cstdio>
#include <new>

namespace vmbus::netvsc {

Door::Epoch Door::hold() noexcept {
    for (auto& holder : holders_) {
        std::uint32_t expected = 0;
        // sync door.hold -> door.held: I say that I have it before I look whether I may.
        while (expected == 0 && !holder.compare_exchange_weak_seq_cst(expected, process_tag)) {
        }
        if (expected != 0) {
            continue;
        }
        const Epoch epoch = announced();
        if (epoch == 0) {
            let_go();
        }
        return epoch;
    }
    return 0;
}

void Door::let_go() noexcept {
    for (auto& holder : holders_) {
        // relaxed: only this process writes its own tag, on one thread.
        if (holder.load_relaxed() == process_tag) {
            // sync door.let_go -> door.held: it is unmapped, before it is mapped anew.
            holder.store_release(0);
        }
    }
}

bool Door::i_am_inside() const noexcept {
    const auto mine = [](const Seat& seat) { return taken_by(seat) == process_tag; };
    return std::any_of(rx.begin(), rx.end(), mine) || std::any_of(tx.begin(), tx.end(), mine);
}

bool Door::is_empty() const noexcept {
    const auto free = [](const Seat& seat) { return taken_by(seat) == 0; };
    return std::all_of(rx.begin(), rx.end(), free) && std::all_of(tx.begin(), tx.end(), free);
}

void Door::announce(const bus::DevicePlaces& places, std::uint64_t process_namespace) noexcept {
    places_ = places;
    process_namespace_ = process_namespace;
    ++last_epoch_;
    last_epoch_ += last_epoch_ == 0 ? 1 : 0;
    // sync door.announce -> door.ask: where it is, before that it is there.
    announced_.store_seq_cst(last_epoch_);
}

void Door::recall() noexcept {
    // sync door.recall -> door.ask: nobody takes it any more, before I look who has it.
    announced_.store_seq_cst(0);
}

Door* door_of(std::uint16_t port, bool make) noexcept {
    std::array<char, RTE_MEMZONE_NAMESIZE> name{};
    std::snprintf(name.data(), name.size(), "netvsc_door_%u", unsigned{port});
    if (const rte_memzone* zone = rte_memzone_lookup(name.data()); zone != nullptr) {
        return static_cast<Door*>(zone->addr);
    }
    const rte_memzone* zone =
        make ? rte_memzone_reserve_aligned(name.data(), sizeof(Door), SOCKET_ID_ANY, 0,
                                           RTE_CACHE_LINE_SIZE)
             : nullptr;
    return zone == nullptr ? nullptr : new (zone->addr) Door;
}

}  // namespace vmbus::netvsc
