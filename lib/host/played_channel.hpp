// PlayedChannel: one channel of a NIC whose host says what is recorded: a ring from the guest and a
// ring to it, without a mind of its own. Owned by the session; host thread only; nothing here
// blocks.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "host/conversation.hpp"
#include "host/counters.hpp"
#include "host/outbox.hpp"
#include "host/ring_pair.hpp"
#include "host/ring_tap.hpp"
#include "ring/reader.hpp"

namespace vmbus::host {

class PlayedChannel {
public:
    /// `index` is 0 for the primary; `receive` is where packets for the guest point to.
    PlayedChannel(const NicContext& nic, std::uint32_t index, const RingPair& rings,
                  const ReceiveBuffer& receive, Counters& counters);

    /// The guest's next packet. False when there is none now, or nothing can be read any more.
    bool next(ring::PacketView& view) noexcept;
    /// Gives back what was read, and sends what waits. True when something was sent.
    bool end_turn() noexcept;

    /// Asks the guest to signal. False when there is something to do first. From then on nothing is
    /// read, until wake().
    bool arm() noexcept;
    void wake() noexcept;
    /// The guest corrupted a ring: it is not looked at any more.
    bool is_dead() const noexcept { return dead_; }

    Outbox& outbox() noexcept { return outbox_; }
    RingTap& tap() noexcept { return tap_; }
    Counters& counters() noexcept { return counters_; }

private:
    void die(Violation why) noexcept;

    ViolationLog& violations_;
    Counters& counters_;
    SendBuffer no_sections_;  ///< none is ever in flight: they are read at once
    RingTap tap_;
    ring::Reader reader_;
    Outbox outbox_;
    bool armed_ = false;
    bool dead_ = false;
};

}  // namespace vmbus::host
