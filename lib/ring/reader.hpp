// The receiving end of a ring: one consumer. It reads the peer's write index once a burst, hands
// out validated views, and publishes its own index once a burst.
//
//   while (reader.poll()) { while (reader.next(view)) ...; if (reader.release()) signal; }
//
// release() answers whether the peer, waiting for room, must be signalled; ringing is the caller's.
// Docs: docs/memory-model.md.
#pragma once

#include <cstdint>

#include "ring/geometry.hpp"
#include "ring/memory.hpp"
#include "ring/packet_view.hpp"

namespace vmbus::ring {

template <RingMemory Memory>
class BasicReader {
public:
    using View = BasicPacketView<Memory>;

    /// Takes over an empty ring whose indices are both `start_index`.
    explicit BasicReader(Memory memory, FooterCheck footer_check = FooterCheck::kIgnore,
                         std::uint32_t start_index = 0) noexcept
        : memory_(memory),
          footer_check_(footer_check),
          out_(start_index),
          published_out_(start_index) {}

    std::uint32_t size() const noexcept { return geometry().size(); }
    Memory& memory() noexcept { return memory_; }

    /// Looks for packets, at the peer's index only when those known of are used up. False when
    /// there are none, or when the peer broke the ring: then error() says how, for good.
    bool poll() noexcept {
        if (error_ != PacketError::kNone) {
            return false;
        }
        if (available_ != 0) {
            return true;
        }
        // sync in.observe -> in.publish: the index before the payload that it announces.
        const std::uint32_t in = memory_.page().in.load_acquire();
        if (!geometry().valid_index(in)) {
            error_ = PacketError::kBadIndex;
            return false;
        }
        available_ = geometry().used(in, out_);
        return available_ != 0;
    }

    /// Takes the next packet that poll() knows of into `view`. False when there is none, or when
    /// the bytes are not a packet: then error() says why, and the ring cannot be read further.
    [[gnu::always_inline]] bool next(View& view) noexcept {
        if (available_ == 0) {
            return false;
        }
        const std::uint32_t at = out_;
        if (const auto error = view.parse(memory_, at, available_, footer_check_);
            error != PacketError::kNone) [[unlikely]] {
            error_ = error;
            available_ = 0;  // what lies behind is unknown
            return false;
        }
        out_ = geometry().advance(at, view.ring_bytes());
        available_ -= view.ring_bytes();
        return true;
    }

    /// What next() will take into `view`, for who prepares for it. False when poll() knows of none
    /// or the bytes are not a packet; next() says so.
    bool look_ahead(View& view) const noexcept {
        return available_ != 0 &&
               view.parse(memory_, out_, available_, footer_check_) == PacketError::kNone;
    }

    PacketError error() const noexcept { return error_; }

    /// Gives up what is unread and goes on at the peer's index, for a peer that is to be forgiven.
    /// False while that is no index.
    bool resynchronise() noexcept {
        // sync in.observe -> in.publish: the index before what follows behind it.
        const std::uint32_t in = memory_.page().in.load_acquire();
        if (!geometry().valid_index(in)) {
            return false;
        }
        out_ = in;
        available_ = 0;
        error_ = PacketError::kNone;
        return true;
    }

    /// Gives the space of all packets taken so far back. Returns whether the peer must be signalled
    /// because it waits for room and has it now.
    bool release() noexcept {
        if (out_ == published_out_) {
            return false;
        }
        const std::uint32_t before = published_out_;
        published_out_ = out_;
        // sync out.release -> out.reclaim, out.recheck, out.check: our reads end before the reuse.
        memory_.page().out.store_seq_cst(out_);
        // sync pending.check -> pending.ask: after out.release, so a writer going to sleep is seen.
        const std::uint32_t wanted = memory_.page().pending_send_size.load_seq_cst() & ~7U;
        return wanted != 0 && crossed(before, wanted);
    }

    /// Wants no signals: the caller polls.
    void mask() noexcept {
        // relaxed: a signal too many is harmless.
        memory_.page().interrupt_mask.store_relaxed(1);
    }
    /// Wants a signal when the ring becomes non-empty. True when it is not empty now: then do not
    /// sleep. Requires: everything taken is released.
    bool unmask_and_recheck() noexcept {
        // sync mask.open -> mask.check, mask.shut: "I am about to sleep".
        memory_.page().interrupt_mask.store_seq_cst(0);
        // sync in.recheck -> in.publish: the last look before the sleep.
        return memory_.page().in.load_seq_cst() != out_;
    }

    /// Any thread that wakes the reader, after a signal. True: something lies unread, or a kernel
    /// has masked the ring; it is masked now, and the reader must be woken if it sleeps, because
    /// nobody else will do that.
    bool mask_if_called() noexcept {
        // sync in.glance -> in.publish: what was published before the signal is seen.
        const std::uint32_t in = memory_.page().in.load_acquire();
        // relaxed: an older one only wakes for nothing; a kernel masks before it tells of the
        // event.
        if (in == memory_.page().out.load_relaxed() &&
            memory_.page().interrupt_mask.load_relaxed() == 0) {
            return false;
        }
        // sync mask.shut -> mask.open: before bell.take, so who opens it after this is seen armed.
        memory_.page().interrupt_mask.store_seq_cst(1);
        return true;
    }

    /// Bytes that lie unread, as far as the peer's index says now. A snapshot for people.
    std::uint32_t bytes_unread() const noexcept {
        // relaxed: a figure for people.
        const std::uint32_t in = memory_.page().in.load_relaxed();
        return geometry().valid_index(in) ? geometry().used(in, out_) : 0;
    }

private:
    Geometry geometry() const noexcept { return Geometry(memory_.size()); }

    /// Whether free room went from below `wanted` to at least `wanted` with this release. Counted
    /// from our new index: seen from the old one, a writer that went on may have come round.
    bool crossed(std::uint32_t before, std::uint32_t wanted) const noexcept {
        // relaxed: at least the index that the writer had when it asked; see pending.check.
        const std::uint32_t in = memory_.page().in.load_relaxed();
        if (!geometry().valid_index(in)) {
            return false;
        }
        const std::uint32_t room = geometry().free(in, out_);
        return room >= wanted && room - wanted < geometry().used(out_, before);
    }

    // Constant after construction.
    Memory memory_;
    FooterCheck footer_check_;

    // Reader thread only. Private memory: our index is never read back from the page.
    std::uint32_t out_;            ///< of the next packet to take
    std::uint32_t published_out_;  ///< what the peer knows of it
    std::uint32_t available_ = 0;  ///< bytes from out_ to the peer's index at the last look
    PacketError error_ = PacketError::kNone;
};

using Reader = BasicReader<MappedRing>;
extern template class BasicReader<MappedRing>;

}  // namespace vmbus::ring
