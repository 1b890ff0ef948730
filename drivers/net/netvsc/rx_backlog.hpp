// What the guest holds of the receive buffer: ranges that are not decoded yet, in order, and the
// packets that can be given back. The ring is read into this, so that a burst can stop in the
// middle of a packet, and so that whoever looks for a completion can read past data.
// Ring owner only; nothing is allocated after construction. Docs: docs/nics/netvsc.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/placed.hpp"

namespace vmbus::netvsc {

/// A fixed array used from its start: it starts over whenever it is empty, so a queue that is
/// drained in time stays in the first-level cache.
template <class T>
class FlatQueue {
public:
    explicit FlatQueue(std::uint32_t capacity)
        : items_(base::make_placed_array<T>(capacity)),
          capacity_(items_ == nullptr ? 0 : capacity) {}

    bool empty() const noexcept { return size_ == 0; }
    std::uint32_t size() const noexcept { return size_; }
    std::uint32_t room() const noexcept { return capacity_ - size_; }
    /// Requires: !empty().
    T& front() noexcept { return items_[first_]; }
    T& back() noexcept { return items_[wrap(first_ + size_ - 1)]; }
    /// Item `i` from the front. Requires: i < size().
    const T& operator[](std::uint32_t i) const noexcept { return items_[wrap(first_ + i)]; }

    /// From the front, as far as they lie in a row. Requires: !empty().
    std::span<T> front_run() noexcept {
        return {&items_[first_], std::min(size_, capacity_ - first_)};
    }
    /// Where the next items go, as far as that lies in a row; add() makes them part of the queue.
    /// Requires: room() > 0.
    std::span<T> free_run() noexcept {
        const std::uint32_t begin = wrap(first_ + size_);
        return {&items_[begin], (begin < first_ ? first_ : capacity_) - begin};
    }
    /// Requires: n <= free_run().size().
    void add(std::uint32_t n) noexcept { size_ += n; }

    /// Requires: room() > 0.
    void push(const T& item) noexcept {
        items_[wrap(first_ + size_)] = item;
        ++size_;
    }
    /// Requires: n <= size().
    void pop(std::uint32_t n = 1) noexcept {
        size_ -= n;
        first_ = size_ == 0 ? 0 : wrap(first_ + n);
    }
    /// Takes the last `n` back. Requires: n <= size().
    void unpush(std::uint32_t n) noexcept { size_ -= n; }

private:
    std::uint32_t wrap(std::uint32_t i) const noexcept { return i < capacity_ ? i : i - capacity_; }

    base::PlacedArray<T> items_;
    std::uint32_t capacity_;
    std::uint32_t first_ = 0;
    std::uint32_t size_ = 0;
};

/// A piece of the receive buffer, validated to lie inside it.
struct HeldRange {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::uint64_t packet_id = 0;
    bool last = false;         ///< of its packet
    bool wants_ack = false;    ///< the host asked for the packet back
    bool started = false;      ///< a message of it was decoded already
    std::uint16_t pieces = 1;  ///< of its packet
};

/// A packet to give back: the host's own id, echoed exactly.
struct Ack {
    std::uint64_t packet_id = 0;
    bool success = true;
};

/// One bit for each id that the host may use: is it ours at the moment?
class HeldIds {
public:
    explicit HeldIds(std::uint32_t count)
        : words_(base::make_placed_array<std::uint64_t>(count / 64 + 1)),
          count_(words_ == nullptr ? 0 : count) {}

    /// False when the id is held already. Ids beyond the table are not tracked.
    bool take(std::uint64_t id) noexcept {
        if (id >= count_) {
            return true;
        }
        const bool held = (words_[id / 64] & bit(id)) != 0;
        words_[id / 64] |= bit(id);
        return !held;
    }
    void give(std::uint64_t id) noexcept {
        if (id < count_) {
            words_[id / 64] &= ~bit(id);
        }
    }

private:
    static std::uint64_t bit(std::uint64_t id) noexcept { return std::uint64_t{1} << id % 64; }

    base::PlacedArray<std::uint64_t> words_;
    std::uint64_t count_;
};

}  // namespace vmbus::netvsc
