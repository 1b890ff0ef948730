// The sending end of a ring. Many producers may call it at once (except in mode kSingle); none
// takes a lock. A packet passes two cursors: the private reservation cursor, which a producer
// advances to own a piece of the ring, and the host-visible index, which moves only over bytes that
// are written. publish() answers whether the peer must be signalled; ringing is the caller's.
// Docs: docs/memory-model.md (each `sync` tag), facts of the contract in docs/wire.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/placed.hpp"
#include "base/shared.hpp"
#include "base/wait.hpp"
#include "ring/filler.hpp"
#include "ring/geometry.hpp"
#include "ring/memory.hpp"

namespace vmbus::ring {

/// How the host-visible index follows the reservations; fixed when the writer is made.
enum class Publication {
    kSingle,   ///< one producer: no read-modify-write but the index itself
    kOrdered,  ///< many: each waits for its predecessor; best when each producer has a core
    kRelaxed,  ///< many: nobody waits; who completes the oldest gap publishes for all behind it
};

enum class ReserveStatus {
    kOk,
    kFull,      ///< not now; ask_for_room() to be signalled
    kTooLarge,  ///< never in this ring
    kBadIndex,  ///< the peer's read index is not an index: the ring is dead
};

template <RingMemory Memory>
class BasicWriter {
public:
    /// Takes over an empty ring whose indices are both `start_index`.
    BasicWriter(Memory memory, Publication mode, std::uint32_t start_index = 0)
        : memory_(memory),
          geometry_(memory.size()),
          mode_(mode),
          reserved_(Position(kFirstLap, start_index).bits()),
          cached_out_(Position(kFirstLap, start_index).bits()),
          committed_(Position(kFirstLap, start_index).bits()),
          publishing_(0) {
        if (mode_ == Publication::kRelaxed) {
            done_ = base::make_placed_array<Word64>(memory_.size() / kDoneGranule);
        }
    }

    Publication mode() const noexcept { return mode_; }
    std::uint32_t size() const noexcept { return geometry_.size(); }
    Memory& memory() noexcept { return memory_; }
    /// False when the table that kRelaxed needs could not be allocated: do not use the writer.
    bool ok() const noexcept { return mode_ != Publication::kRelaxed || done_ != nullptr; }

    /// Owns the next `bytes` of the ring, all or nothing.
    ReserveStatus reserve(std::uint32_t bytes, Reservation& reservation) noexcept {
        std::size_t count = 0;
        return reserve_prefix(std::span(&bytes, 1), reservation, count);
    }

    /// Owns room for as many of the packets, in order, as there is room for now: `count` says how
    /// many. kFull when not even the first fits. Requires: each size is a packet's, footer
    /// included.
    ReserveStatus reserve_prefix(std::span<const std::uint32_t> sizes, Reservation& reservation,
                                 std::size_t& count) noexcept;

    Filler<Memory> fill(const Reservation& reservation) noexcept { return {memory_, reservation}; }

    /// Makes the written bytes of a reservation visible to the peer, in reservation order.
    /// Returns whether the caller must signal the peer.
    bool publish(const Reservation& reservation) noexcept {
        switch (mode_) {
            case Publication::kSingle:
                announce(reservation.end);
                return must_signal(reservation.start);
            case Publication::kOrdered:
                if (!await_predecessor(reservation.start)) [[unlikely]] {
                    return false;
                }
                announce(reservation.end);
                // sync committed.pass -> committed.await, committed.seen: my bytes and my index
                // before my successor's.
                committed_.store_release(reservation.end.bits());
                return must_signal(reservation.start);
            case Publication::kRelaxed: return hand_over(reservation);
        }
        return false;
    }

    /// Ends all waiting for a producer that will never publish, as its process was killed: what was
    /// reserved behind it never reaches the peer, and nothing that is reserved from now on. Any
    /// thread; the ring must be made anew.
    void abandon() noexcept {
        // relaxed: announces nothing; who waits looks again and again.
        abandoned_.store_relaxed(1);
    }

    /// Asks the peer for a signal once `bytes` are free. False: do not sleep but try again, because
    /// there may be room already, or another producer's packet is not published yet, so that the
    /// peer counts other free bytes than we do. One thread at a time asks and waits.
    /// Requires: bytes a multiple of 8, at most max_packet; kSingle: everything is published.
    bool ask_for_room(std::uint32_t bytes) noexcept {
        const Position published = published_so_far();
        // sync pending.ask -> pending.check: first half of "sleep until there is room".
        memory_.page().pending_send_size.store_seq_cst(bytes);
        // sync out.recheck -> out.release: a release that missed my question is seen here.
        const std::uint32_t out = memory_.page().out.load_seq_cst();
        // relaxed: not older than `out`, and the same as before unless others went on.
        const Position reserved(reserved_.load_relaxed());
        return reserved == published && geometry_.valid_index(out) &&
               geometry_.free(reserved.index(), out) < bytes;
    }
    void withdraw_request() noexcept {
        // relaxed: a signal too many is harmless.
        memory_.page().pending_send_size.store_relaxed(0);
    }

    /// Bytes between the host's read index, as last published, and our reservations. A snapshot.
    std::uint32_t bytes_in_flight() const noexcept {
        // relaxed: a figure for people.
        const std::uint32_t out = memory_.page().out.load_relaxed();
        const Position reserved(reserved_.load_relaxed());
        return geometry_.valid_index(out) ? geometry_.used(reserved.index(), out) : 0;
    }

private:
    using Word64 = typename Memory::Word64;
    /// Reservations start at least kMinPacketBytes apart, so no two in flight share a granule.
    static constexpr std::uint32_t kDoneGranule = 16;
    static_assert(kDoneGranule < kMinPacketBytes, "two starts in one granule would collide");

    std::uint64_t room_before(Position out, Position reserved) const noexcept;
    std::size_t fitting(std::span<const std::uint32_t> sizes, std::uint64_t room,
                        std::uint64_t& total) const noexcept;
    Position published_so_far() const noexcept;
    bool take(Position from, Position to) noexcept;
    bool await_predecessor(Position start) noexcept;
    bool is_abandoned() const noexcept;
    bool is_turn_of(Position start) const noexcept;
    void announce(Position end) noexcept;
    bool must_signal(Position previous_in) noexcept;
    bool hand_over(const Reservation& reservation) noexcept;
    bool publish_what_is_done() noexcept;
    Position done_end_at(Position start) noexcept;

    // Constant after construction.
    Memory memory_;
    Geometry geometry_;
    Publication mode_;
    base::PlacedArray<Word64> done_;  ///< kRelaxed: by start granule, the end that is written

    // Producers. Private memory: the host never sees it, and we never read our index back.
    alignas(64) Word64 reserved_;   ///< Position up to which the ring is owned
    Word64 cached_out_;             ///< a Position that the reader has certainly reached
    alignas(64) Word64 committed_;  ///< Position that the host-visible index stands for
    Word64 publishing_;             ///< kRelaxed: 1 while somebody publishes for all
    /// kOrdered: 1 once nobody waits any more. Not of Memory: it takes no part in the protocol.
    base::Shared<std::uint32_t> abandoned_{0};
};

template <RingMemory Memory>
std::uint64_t BasicWriter<Memory>::room_before(Position out, Position reserved) const noexcept {
    if (out > reserved) {
        return geometry_.size() - kUnit;  // others went on: `reserved` is stale and cannot be taken
    }
    const std::uint64_t used = geometry_.distance(out, reserved) + kUnit;
    return used < geometry_.size() ? geometry_.size() - used : 0;
}

template <RingMemory Memory>
Position BasicWriter<Memory>::published_so_far() const noexcept {
    if (mode_ == Publication::kSingle) {
        // relaxed: our own; what we reserved is published.
        return Position(reserved_.load_relaxed());
    }
    // sync committed.seen -> committed.pass, committed.show: whoever sees my question sees that
    // index too.
    return Position(committed_.load_acquire());
}

template <RingMemory Memory>
bool BasicWriter<Memory>::take(Position from, Position to) noexcept {
    if (mode_ == Publication::kSingle) {
        // relaxed: nobody else looks.
        reserved_.store_relaxed(to.bits());
        return true;
    }
    std::uint64_t expected = from.bits();
    // sync reserve.take -> reserve.see: who sees my reservation also sees the room I took it from.
    return reserved_.compare_exchange_weak_acq_rel(expected, to.bits());
}

/// How many of the packets fit in `room`; `total` becomes their bytes.
template <RingMemory Memory>
std::size_t BasicWriter<Memory>::fitting(std::span<const std::uint32_t> sizes, std::uint64_t room,
                                         std::uint64_t& total) const noexcept {
    const std::uint32_t max_packet = geometry_.max_packet();
    std::size_t count = 0;
    while (count < sizes.size() && sizes[count] <= max_packet && total + sizes[count] <= room) {
        total += sizes[count++];
    }
    return count;
}

template <RingMemory Memory>
ReserveStatus BasicWriter<Memory>::reserve_prefix(std::span<const std::uint32_t> sizes,
                                                  Reservation& reservation,
                                                  std::size_t& count) noexcept {
    for (bool fresh = false;;) {
        // sync reserve.see -> reserve.take: before the load of `out`, so that `out` is not older.
        const Position start(reserved_.load_acquire());
        // sync cached.use -> cached.share: the reader's release reaches me through who loaded it.
        Position out(cached_out_.load_acquire());
        if (fresh) {
            // sync out.reclaim -> out.release: old bytes are dead before we overwrite them.
            const std::uint32_t index = memory_.page().out.load_acquire();
            if (!geometry_.valid_index(index)) {
                return ReserveStatus::kBadIndex;
            }
            out = geometry_.behind(index, start);
            // sync cached.share -> cached.use: hands on what out.reclaim acquired.
            cached_out_.store_release(out.bits());
        }
        std::uint64_t total = 0;
        count = fitting(sizes, room_before(out, start), total);
        if (count < sizes.size() && !fresh) {
            fresh = true;
            continue;
        }
        if (count == 0) {
            // relaxed: only whether `start` is still the truth; if not, there may be room after
            // all.
            if (reserved_.load_relaxed() != start.bits()) {
                continue;
            }
            return sizes.empty() || sizes[0] <= geometry_.max_packet() ? ReserveStatus::kFull
                                                                       : ReserveStatus::kTooLarge;
        }
        const Position end = geometry_.advance(start, static_cast<std::uint32_t>(total));
        if (take(start, end)) {
            reservation = {start, end};
            return ReserveStatus::kOk;
        }
    }
}

template <RingMemory Memory>
bool BasicWriter<Memory>::await_predecessor(Position start) noexcept {
    bool mine = false;
    base::wait_until(&committed_, [&] {
        mine = is_turn_of(start);
        return mine || is_abandoned();
    });
    return mine;
}

template <RingMemory Memory>
bool BasicWriter<Memory>::is_abandoned() const noexcept {
    // relaxed: as in abandon().
    return abandoned_.load_relaxed() != 0;
}

template <RingMemory Memory>
bool BasicWriter<Memory>::is_turn_of(Position start) const noexcept {
    // sync committed.await -> committed.pass: the bytes before mine are written and announced.
    return committed_.load_acquire() == start.bits();
}

template <RingMemory Memory>
void BasicWriter<Memory>::announce(Position end) noexcept {
    // sync in.publish -> in.observe, in.recheck: data before index; first half of "signal?".
    memory_.page().in.store_seq_cst(end.index());
}

template <RingMemory Memory>
bool BasicWriter<Memory>::must_signal(Position previous_in) noexcept {
    // sync mask.check -> mask.open: after in.publish, so a reader going to sleep is not missed.
    if (memory_.page().interrupt_mask.load_seq_cst() != 0) {
        return false;
    }
    // sync out.check -> out.release: a reader that unmasked has published its index before.
    return memory_.page().out.load_seq_cst() == previous_in.index();
}

template <RingMemory Memory>
bool BasicWriter<Memory>::hand_over(const Reservation& reservation) noexcept {
    Word64& mark = done_[reservation.start.index() / kDoneGranule];
    // sync done.mark -> done.collect: my bytes are written; first half of "who publishes?".
    mark.store_seq_cst(reservation.end.bits());
    bool signal = false;
    do {
        // sync publishing.enter -> publishing.leave: one publisher at a time; the other goes on.
        if (publishing_.exchange_seq_cst(1) != 0) {
            return signal;
        }
        signal |= publish_what_is_done();
        // sync publishing.leave -> publishing.enter: then look again for marks that missed me.
        publishing_.store_seq_cst(0);
        // relaxed: committed_ of an older turn only makes us take another turn.
    } while (done_end_at(Position(committed_.load_relaxed())) != Position());
    return signal;
}

/// Publisher only.
template <RingMemory Memory>
bool BasicWriter<Memory>::publish_what_is_done() noexcept {
    // relaxed: handed from publisher to publisher by publishing.leave -> publishing.enter.
    const Position before(committed_.load_relaxed());
    Position end = before;
    for (Position next = done_end_at(end); next != Position(); next = done_end_at(end)) {
        end = next;
    }
    if (end == before) {
        return false;
    }
    announce(end);
    // sync committed.show -> committed.seen: the index before the word that stands for it.
    committed_.store_release(end.bits());
    return must_signal(before);
}

/// The end of the finished reservation that starts at `start`, or Position() if it is not finished.
/// A mark of an earlier lap ends at or before `start`, so it is told apart by comparison.
template <RingMemory Memory>
Position BasicWriter<Memory>::done_end_at(Position start) noexcept {
    // sync done.collect -> done.mark: the bytes up to the mark are written.
    const Position end(done_[start.index() / kDoneGranule].load_seq_cst());
    return end > start ? end : Position();
}

using Writer = BasicWriter<MappedRing>;
extern template class BasicWriter<MappedRing>;

}  // namespace vmbus::ring
