// Door: how secondary processes come to the queues of a port. Whether they may burst now, who is
// inside a burst, and which processes have the device mapped, where the primary process has it.
// The primary opens it while its queues run. It shuts it, and waits until nobody is inside, before
// it changes what a burst uses; it calls the device back, and waits until nobody has it mapped,
// before it maps it anew.
// Words in memory that all processes map and that outlives the port: a process that is late finds a
// shut door, not freed memory. Docs: docs/nics/netvsc.md, "Secondary processes";
// docs/memory-model.md, "The door".
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "base/shared.hpp"
#include "bus/vmbus/device_places.hpp"
#include "net/netvsc/inbound.hpp"
#include "net/netvsc/process_tag.hpp"

namespace vmbus::netvsc {

class Door {
public:
    /// Of one queue: who bursts on it. A queue is one lcore's at a time.
    struct Seat {
        alignas(64) base::Shared<std::uint32_t> taken{0};  ///< by whom; 0: nobody
    };
    /// Names one mapping of the device, never again used; 0 is none.
    using Epoch = std::uint32_t;
    /// Why the door stays shut though the port runs.
    enum class Refusal : std::uint32_t { kNone, kLends, kInterrupts };
    /// Processes that may have the device mapped at once.
    static constexpr std::size_t kMostHolders = 16;

    std::array<Seat, kMaxQueues> rx{};
    std::array<Seat, kMaxQueues> tx{};

    // Secondary processes, the queue's lcore.

    /// False when one must not burst, or somebody does already. When one may, leave() must follow,
    /// and soon. `mapped`: which mapping this process has.
    bool enter(Seat& seat, Epoch mapped) noexcept {
        // relaxed: only a look, so that who polls a shut door is not seen inside again and again.
        if (mapped == 0 || open_.load_relaxed() != mapped) [[unlikely]] {
            return false;
        }
        // relaxed: only a look. Whoever has died there must be found first: what it left half done
        // is nobody's to go on with.
        if (seat.taken.load_relaxed() != 0) [[unlikely]] {
            return false;
        }
        // sync door.enter -> door.empty: I say that I am inside before I look whether I may be.
        seat.taken.store_seq_cst(process_tag);
        // sync door.look -> door.open, door.shut: the door is looked at after that.
        if (open_.load_seq_cst() != mapped) [[unlikely]] {
            leave(seat);
            return false;
        }
        return true;
    }
    static void leave(Seat& seat) noexcept {
        // sync door.leave -> door.empty: what I did to the queue, before it changes.
        seat.taken.store_release(0);
    }

    // Secondary processes, their interrupt thread.

    /// Which mapping there is to have; 0: none.
    Epoch announced() const noexcept {
        // sync door.ask -> door.announce, door.recall: the mapping, before where it is.
        return announced_.load_seq_cst();
    }
    /// From now on this process may map the device, and is waited for. 0: not now.
    Epoch hold() noexcept;
    void let_go() noexcept;
    /// Whether a burst of this process is inside.
    bool i_am_inside() const noexcept;
    /// Requires: held.
    const bus::DevicePlaces& places() const noexcept { return places_; }
    std::uint64_t process_namespace() const noexcept { return process_namespace_; }
    Refusal refusal() const noexcept {
        // relaxed: for people.
        return static_cast<Refusal>(refusal_.load_relaxed());
    }

    // Primary process, control threads.

    /// Requires: nothing is announced.
    void announce(const bus::DevicePlaces& places, std::uint64_t process_namespace) noexcept;
    void recall() noexcept;
    /// Requires: announced, the queues run.
    void open() noexcept {
        refuse(Refusal::kNone);
        // sync door.open -> door.look: the queues run before anybody comes in.
        open_.store_seq_cst(announced());
    }
    void refuse(Refusal why) noexcept {
        // relaxed: for people.
        refusal_.store_relaxed(static_cast<std::uint32_t>(why));
    }
    void shut() noexcept {
        // sync door.shut -> door.look: no way in any more, before I look whether anybody is inside.
        open_.store_seq_cst(0);
    }
    bool is_open() const noexcept {
        // relaxed: only we change it.
        return open_.load_relaxed() != 0;
    }
    /// Whether nobody is inside. After shut(): nor ever will be.
    bool is_empty() const noexcept;
    /// Calls visit(seat, is_rx, queue) for each that is taken. After shut(): who is not among them
    /// never comes in.
    template <class Visit>
    void for_each_inside(Visit&& visit) noexcept {
        for (std::uint16_t q = 0; q < kMaxQueues; ++q) {
            if (taken_by(rx[q]) != 0) {
                visit(rx[q], true, q);
            }
            if (taken_by(tx[q]) != 0) {
                visit(tx[q], false, q);
            }
        }
    }
    static std::uint32_t taken_by(const Seat& seat) noexcept {
        // sync door.empty -> door.enter, door.leave: who is not seen here sees the shut door.
        return seat.taken.load_seq_cst();
    }
    /// Calls is_dead(process) for each that may have the device mapped, and forgets the dead. How
    /// many are left.
    template <class IsDead>
    std::size_t for_each_holder(IsDead&& is_dead) noexcept {
        std::size_t left = 0;
        for (auto& holder : holders_) {
            // sync door.held -> door.hold, door.let_go: who is not seen here sees the recall.
            const std::uint32_t tag = holder.load_seq_cst();
            if (tag != 0 && is_dead(process_of(tag))) {
                // relaxed: the dead do not look.
                holder.store_relaxed(0);
            } else if (tag != 0) {
                ++left;
            }
        }
        return left;
    }

private:
    // Primary process writes.
    alignas(64) base::Shared<Epoch> open_{0};  ///< the mapping that bursts may use; 0: shut
    base::Shared<Epoch> announced_{0};
    base::Shared<std::uint32_t> refusal_{0};
    Epoch last_epoch_ = 0;
    // Constant while announced.
    std::uint64_t process_namespace_ = 0;
    bus::DevicePlaces places_{};
    // Secondary processes write.
    alignas(64) std::array<base::Shared<std::uint32_t>, kMostHolders> holders_{};
};
static_assert(std::is_standard_layout_v<bus::DevicePlaces> &&
                  std::is_trivially_copyable_v<bus::DevicePlaces>,
              "another process reads them");

/// The door of the port with that number, for as long as the application lives: `make` it, if it
/// is not there, in the primary process. nullptr: there is none, or no memory.
Door* door_of(std::uint16_t port, bool make) noexcept;

}  // namespace vmbus::netvsc
