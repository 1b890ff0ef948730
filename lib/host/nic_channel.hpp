// NicChannel: one channel of a NIC on the host's side: a ring from the guest, a ring to it, and the
// paths that frames take between them and the port. It takes the guest's packets apart and hands
// each to whoever knows what to do; what it does not know about is other channels.
// Owned by the session; host thread only; nothing here blocks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "host/conversation.hpp"
#include "host/counters.hpp"
#include "host/fault_engine.hpp"
#include "host/fault_message.hpp"
#include "host/outbox.hpp"
#include "host/ring_tap.hpp"
#include "host/rx_path.hpp"
#include "host/tx_path.hpp"
#include "host/violation.hpp"
#include "ring/reader.hpp"

namespace vmbus::host {

class NicChannel {
public:
    /// `index` is 0 for the primary.
    NicChannel(Conversation& conversation, std::uint32_t index, ring::MappedRing from_guest,
               ring::MappedRing to_guest, Counters& counters);

    /// Takes a turn's worth of what the guest sent, and answers. True when something was done.
    bool serve() noexcept;
    /// Frames that can be delivered now.
    std::uint32_t room() noexcept { return rx_.room(); }
    /// These come next. Requires: frames.size() <= room().
    void expect(std::span<const RxFrame> frames) const noexcept { rx_.expect(frames); }
    /// Requires: 0 < frames.size() <= room().
    void deliver(std::span<const RxFrame> frames) noexcept;
    void drop(Drop why, std::size_t frames) noexcept { counters_.drop(why, frames); }
    /// At the end of a turn: a channel whose ring can no longer be written is dead.
    void check_outbox() noexcept;

    /// Asks the guest to signal. False when there is something to do first. From then on only the
    /// port is served, until wake().
    bool arm() noexcept;
    void wake() noexcept;
    /// The guest corrupted the ring: silent until it opens the channel again.
    bool is_dead() const noexcept { return dead_; }

    Outbox& outbox() noexcept { return outbox_; }

private:
    bool read() noexcept;
    void expect_next() noexcept;
    void handle(const ring::PacketView& view) noexcept;
    void handle_by_type(const ring::PacketView& view) noexcept;
    NvspServer::Reply answer(base::Bytes payload, bool completion_requested) noexcept;
    void handle_request(const ring::PacketView& view) noexcept;
    void handle_rndis(const ring::PacketView& view, base::Bytes payload) noexcept;
    void handle_completion(const ring::PacketView& view) noexcept;
    void misbehave(const ring::PacketView& view) noexcept;
    void misbehave_as_a_whole(Subject subject) noexcept;
    void check_mask() noexcept;
    void disarm() noexcept;
    void die(Violation why) noexcept;
    void note_unreadable(Violation why) noexcept;
    bool forgives() const noexcept { return violations_.temper() == Temper::kTolerant; }
    void show_unreadable(std::span<std::byte, ViolationLog::kBytesKept> bytes) noexcept;
    void set_message_bytes() noexcept;

    bool is_primary() const noexcept { return index_ == 0; }

    Conversation& all_;
    const std::uint32_t index_;
    ViolationLog& violations_;
    Counters& counters_;
    RingTap tap_;
    ring::Reader reader_;
    Outbox outbox_;
    TxPath tx_;
    RxPath rx_;
    FaultPoint faults_;
    UnaskedMessages unasked_;
    std::optional<FaultDetails> bad_read_index_;  ///< by script: due at the end of the turn
    bool armed_ = false;
    bool dead_ = false;
    bool forgiving_ = false;  ///< the index is none, and that was counted
};

}  // namespace vmbus::host
