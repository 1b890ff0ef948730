// NicSession: one conversation of a NIC with its guest, from open() to close(), and its channels.
// It takes turns among them, and does what concerns them all.
// Owned by the NIC; host thread only; nothing here blocks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "host/conversation.hpp"
#include "host/counters.hpp"
#include "host/nic_channel.hpp"
#include "host/rx_delivery.hpp"

namespace vmbus::host {

using ChannelCounters = std::array<Counters, kMaxChannels>;

class NicSession {
public:
    /// Nothing when the rings are of no use.
    static std::unique_ptr<NicSession> open(const NicContext& nic, GuestMemory& memory,
                                            base::MutableBytes rings, ChannelCounters& counters);
    NicSession(const NicSession&) = delete;
    NicSession& operator=(const NicSession&) = delete;

    /// Channels that the guest asked for and may have, the primary included.
    std::size_t granted() const noexcept { return all_.nvsp.granted(); }
    /// The guest opened the next channel. False when it may not have one, or the rings are of no
    /// use.
    bool open_channel(base::MutableBytes rings);

    /// One bounded turn of work on all channels. True when something was done.
    bool turn() noexcept;
    /// Asks the guest to signal, on every channel. False when there is something to do first.
    bool arm() noexcept;
    void wake() noexcept;
    void wake(std::size_t channel) noexcept;
    /// How often the script wants the cable unplugged and plugged; forgotten when told.
    unsigned take_link_flaps() noexcept;
    void indicate_link(bool up) noexcept { all_.rndis.indicate_link(up); }
    void indicate_speed() noexcept { all_.rndis.indicate_speed(); }
    void indicate_offload() noexcept { all_.rndis.indicate_offload(); }

    std::size_t channels() const noexcept { return channels_.size(); }
    bool is_dead() const noexcept;
    bool is_receiving() const noexcept { return all_.is_receiving(); }
    const VfServer& vf() const noexcept { return all_.vf; }

private:
    NicSession(const NicContext& nic, GuestMemory& memory, ChannelCounters& counters) noexcept
        : all_(nic, memory), counters_(counters), delivery_(nic.port) {}
    bool add_channel(base::MutableBytes rings);
    bool deliver() noexcept;
    void spread_anew() noexcept;
    bool send_table() noexcept;

    Conversation all_;
    ChannelCounters& counters_;
    NicChannels channels_;  // never empty; the primary is the first
    RxDelivery delivery_;
    std::uint32_t rss_changes_ = 0;  // of which delivery_ knows
    std::uint32_t tables_sent_ = 0;  // one for each grant
};

}  // namespace vmbus::host
