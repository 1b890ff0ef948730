// MbufStash: mbufs taken out of the pool ahead of their frames, many at once. They are as the pool
// keeps them (one segment, no next); whoever takes one makes it fresh, all of it by fresh(), or
// just the words that matter by rearm(). The receiving lcore's, like its queue.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace vmbus::netvsc {

/// The four fields of an mbuf that lie in a row and are the same for every received frame.
struct MbufStart {
    std::uint16_t data_off = RTE_PKTMBUF_HEADROOM;
    std::uint16_t refcnt = 1;
    std::uint16_t nb_segs = 1;
    std::uint16_t port = RTE_MBUF_PORT_INVALID;
};
static_assert(offsetof(rte_mbuf, refcnt) - offsetof(rte_mbuf, data_off) ==
                      offsetof(MbufStart, refcnt) &&
                  offsetof(rte_mbuf, nb_segs) - offsetof(rte_mbuf, data_off) ==
                      offsetof(MbufStart, nb_segs) &&
                  offsetof(rte_mbuf, port) - offsetof(rte_mbuf, data_off) ==
                      offsetof(MbufStart, port),
              "written in one go");

inline void rearm(rte_mbuf& mbuf, const MbufStart& start) noexcept {
    std::memcpy(reinterpret_cast<std::byte*>(&mbuf) + offsetof(rte_mbuf, data_off), &start,
                sizeof start);
}

class MbufStash {
public:
    static constexpr std::uint32_t kSize = 32;

    explicit MbufStash(rte_mempool& pool) noexcept : pool_(pool) {}
    MbufStash(const MbufStash&) = delete;
    MbufStash& operator=(const MbufStash&) = delete;
    ~MbufStash() { give_back(); }

    rte_mempool& pool() const noexcept { return pool_; }

    /// Whether so many can be taken, if need be after a visit to the pool.
    bool have(std::uint32_t count) noexcept {
        return count <= held_ || (count <= kSize && refill(count));
    }
    /// As the pool keeps it. Requires: have(1).
    rte_mbuf& raw() noexcept { return *mbufs_[--held_]; }
    /// Empty and without flags. Requires: have(1).
    rte_mbuf* fresh() noexcept {
        rte_mbuf* const mbuf = mbufs_[--held_];
        rte_pktmbuf_reset(mbuf);
        return mbuf;
    }
    /// Leaves them to whoever has them; how many that were.
    std::uint32_t forget() noexcept { return std::exchange(held_, 0); }
    void give_back() noexcept {
        if (held_ != 0) {
            rte_mempool_put_bulk(&pool_, items(), held_);
            held_ = 0;
        }
    }

private:
    void** items() noexcept { return reinterpret_cast<void**>(mbufs_.data()); }

    /// Fills up; what a pool that runs low still has, else.
    [[gnu::noinline]] bool refill(std::uint32_t count) noexcept {
        if (rte_mempool_get_bulk(&pool_, items() + held_, kSize - held_) == 0) [[likely]] {
            held_ = kSize;
            return true;
        }
        while (held_ < count && rte_mempool_get(&pool_, items() + held_) == 0) {
            ++held_;
        }
        return held_ >= count;
    }

    rte_mempool& pool_;
    std::uint32_t held_ = 0;
    std::array<rte_mbuf*, kSize> mbufs_{};
};

}  // namespace vmbus::netvsc
