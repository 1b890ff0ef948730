// Transaction ids: what is sent away in a packet so that its completion finds its way home.
// An id is {space, generation, slot}: never a pointer, and an id that was answered, or was never
// given out, matches nothing, whatever the peer sends back.
// One thread at a time; the slots are allocated once.
#pragma once

#include <cstdint>
#include <optional>

#include "base/placed.hpp"

namespace vmbus::channel {

/// Slots of type T, each either free or waiting for one completion.
template <class T>
class Transactions {
public:
    /// `space` tells the ids of several tables of one channel apart. Requires: capacity <= 65536.
    Transactions(std::uint16_t space, std::uint32_t capacity)
        : slots_(base::make_placed_array<Slot>(capacity)), space_(space), capacity_(capacity) {
        if (slots_ == nullptr) {
            capacity_ = 0;
        }
        for (std::uint32_t i = 0; i < capacity_; ++i) {
            slots_[i].next_free = i + 1;
        }
    }

    std::uint32_t capacity() const noexcept { return capacity_; }
    std::uint32_t outstanding() const noexcept { return outstanding_; }
    std::uint32_t available() const noexcept { return capacity_ - outstanding_; }

    /// The slot that begin() takes next, if one is free.
    std::optional<std::uint32_t> upcoming() const noexcept {
        return first_free_ == capacity_ ? std::nullopt : std::optional(first_free_);
    }

    /// Begins a transaction: its id, or nothing when all slots are in use.
    std::optional<std::uint64_t> begin(const T& value) noexcept {
        if (first_free_ == capacity_) {
            return std::nullopt;
        }
        const std::uint32_t index = first_free_;
        Slot& slot = slots_[index];
        first_free_ = slot.next_free;
        slot.next_free = kInUse;
        slot.value = value;
        ++outstanding_;
        return id_of(index);
    }

    /// Ends the transaction: its value, exactly once. Nothing for an id that is not outstanding.
    std::optional<T> complete(std::uint64_t id) noexcept {
        const auto index = static_cast<std::uint32_t>(id & 0xFFFF);
        if (index >= capacity_ || slots_[index].next_free != kInUse || id_of(index) != id) {
            return std::nullopt;
        }
        Slot& slot = slots_[index];
        ++slot.generation;
        slot.next_free = first_free_;
        first_free_ = index;
        --outstanding_;
        return slot.value;
    }

    /// Ends every outstanding transaction, for example when the channel is closed.
    template <class Visit>
    void abandon_all(Visit&& visit) noexcept {
        for (std::uint32_t i = 0; i < capacity_ && outstanding_ > 0; ++i) {
            if (slots_[i].next_free == kInUse) {
                visit(*complete(id_of(i)));
            }
        }
    }

private:
    static constexpr std::uint32_t kInUse = UINT32_MAX;

    struct Slot {
        T value{};
        std::uint32_t generation = 1;
        std::uint32_t next_free = 0;  ///< kInUse while outstanding
    };

    std::uint64_t id_of(std::uint32_t index) const noexcept {
        return std::uint64_t{space_} << 48 | std::uint64_t{slots_[index].generation} << 16 | index;
    }

    base::PlacedArray<Slot> slots_;
    std::uint16_t space_;
    std::uint32_t capacity_;
    std::uint32_t first_free_ = 0;
    std::uint32_t outstanding_ = 0;
};

}  // namespace vmbus::channel
