// Session: one conversation of a NIC with its guest, from open() to close(), as the NIC sees it:
// NicSession, a host that answers, or PlayedSession, one that says what is recorded.
// Owned by the NIC; host thread only; nothing here blocks.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"

namespace vmbus::host {

class Session {
public:
    Session() = default;
    virtual ~Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Channels that the guest may have, the primary included.
    virtual std::size_t granted() const noexcept = 0;
    /// The guest opened the next channel. False when it may not have one, or the rings are of no
    /// use.
    virtual bool open_channel(base::MutableBytes rings) = 0;
    /// Open ones, the primary included.
    virtual std::size_t channels() const noexcept = 0;

    /// One bounded turn of work on all channels. True when something was done.
    virtual bool turn() noexcept = 0;
    /// Asks the guest to signal, on every channel. False when there is something to do first.
    virtual bool arm() noexcept = 0;
    virtual void wake() noexcept = 0;
    virtual void wake(std::size_t channel) noexcept = 0;

    /// A ring is of no use any more.
    virtual bool is_dead() const noexcept = 0;
    virtual bool is_receiving() const noexcept = 0;
    virtual bool on_vf() const noexcept = 0;

    // Of which the guest is told, if the host has anything to say but what is recorded.
    virtual void indicate_link(bool up) noexcept = 0;
    virtual void indicate_speed() noexcept = 0;
    virtual void indicate_offload() noexcept = 0;
    /// How often the script wants the cable unplugged and plugged; forgotten when told.
    virtual unsigned take_link_flaps() noexcept = 0;
};

}  // namespace vmbus::host
