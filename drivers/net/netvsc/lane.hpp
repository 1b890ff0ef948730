// Lane: one channel of a NIC as this side uses it: its rings, who may read them, and what becomes
// of what is read. The first lane is the primary channel, on which control speaks as well; the
// others are sub-channels. Receive queue q reads lane q; several transmit queues may send on one
// lane. Owned by the session. Which thread may do what: ring_owner.hpp, inbound.hpp, channel.hpp.
// No DPDK.
#pragma once

#include <cstdint>
#include <utility>

#include "base/placed.hpp"
#include "channel/channel.hpp"
#include "net/netvsc/control/mailbox.hpp"
#include "net/netvsc/health.hpp"
#include "net/netvsc/inbound.hpp"
#include "net/netvsc/ring_owner.hpp"
#include "net/netvsc/rx_bell.hpp"

namespace vmbus::netvsc {

class Lane {
public:
    /// Requires: a channel.
    Lane(base::Placed<channel::GuestChannel> channel, Inbound::Role role, Health& health,
         Attention attention, RingCounters& counters) noexcept
        : channel_(std::move(channel)),
          health_(health),
          inbound_(*channel_, mailbox_, health, attention, counters, role) {}
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    channel::GuestChannel& channel() noexcept { return *channel_; }
    RingOwner& owner() noexcept { return owner_; }
    Mailbox& mailbox() noexcept { return mailbox_; }
    Inbound& inbound() noexcept { return inbound_; }

    /// Whether the rings may be touched. Any thread.
    bool alive() const noexcept { return health_.alive() && !given_up() && !lost(); }
    /// The host serves this channel no more, though it serves others: bursts leave it alone. Any
    /// thread.
    bool given_up() const noexcept {
        // relaxed: announces nothing; a burst that misses it is the last one.
        return given_up_.load_relaxed() != 0;
    }
    void set_given_up(bool given_up) noexcept {
        // relaxed: as above.
        given_up_.store_relaxed(given_up ? 1 : 0);
    }

    /// How often the host was signalled since reset_signals(). Any thread.
    std::uint64_t signals() const noexcept {
        // relaxed: a figure for people.
        return channel_->signals() - forgotten_signals_.load_relaxed();
    }
    void reset_signals() noexcept {
        // relaxed: a figure for people.
        forgotten_signals_.store_relaxed(channel_->signals());
    }
    /// Whether a process died in a burst here: what hangs on the rings may be half changed.
    bool lost() const noexcept {
        // relaxed: the ring's next owner sees it by owner.evict; another burst that misses it is
        // the last one.
        return lost_.load_relaxed() != 0;
    }
    /// That process is dead: it may own the ring, or have reserved what it never publishes. Nobody
    /// waits for it any more, and nobody uses the lane again. Control threads.
    void lose(std::uint32_t dead) noexcept {
        // relaxed: as above.
        lost_.store_relaxed(1);
        channel_->tx().abandon();
        owner_.evict(dead);
    }

    /// Whether transmit queues may send: not while the application has the link down. Any thread.
    bool sending() const noexcept {
        // relaxed: announces nothing; a burst that misses it is the last one.
        return sending_.load_relaxed() != 0;
    }
    void set_sending(bool sending) noexcept {
        // relaxed: as above.
        sending_.store_relaxed(sending ? 1 : 0);
    }

    /// Reads what there is, if nobody else does. False when somebody does.
    bool poll() noexcept {
        const Ownership own(owner_);
        if (own && alive()) {
            poll_owned();
        }
        return static_cast<bool>(own);
    }
    /// Reads what there is, and wakes the receiver if it is for it. Ring owner only.
    void poll_owned() noexcept {
        inbound_.take_all();
        inbound_.finish();
        if (bell_ != nullptr && inbound_.has_range()) {
            bell_->wake();
        }
    }
    /// Whom frames wake that somebody else than their receiver finds; nullptr: nobody. Waits until
    /// the ring has no owner, which is soon. Control threads.
    void set_bell(RxBell* bell) noexcept {
        while (!owner_.try_enter()) {
            base::cpu_pause();
        }
        bell_ = bell;
        owner_.leave();
    }

private:
    base::Placed<channel::GuestChannel> channel_;
    Health& health_;
    base::Shared<std::uint32_t> sending_{1};
    base::Shared<std::uint32_t> given_up_{0};
    base::Shared<std::uint64_t> forgotten_signals_{0};
    base::Shared<std::uint32_t> lost_{0};
    RingOwner owner_;
    RxBell* bell_ = nullptr;  ///< ring owner only
    Mailbox mailbox_;  ///< of a sub-channel: always empty, so what belongs there is unexpected
    Inbound inbound_;
};

}  // namespace vmbus::netvsc
