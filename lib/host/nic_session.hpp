// NicSession: a conversation in which the host answers what the guest asks, and its channels. It
// takes turns among them, and does what concerns them all.
// Owned by the NIC; host thread only; nothing here blocks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "host/channels_together.hpp"
#include "host/conversation.hpp"
#include "host/counters.hpp"
#include "host/nic_channel.hpp"
#include "host/rx_delivery.hpp"
#include "host/session.hpp"

namespace vmbus::host {

using ChannelCounters = std::array<Counters, kMaxChannels>;

class NicSession final : public Session {
public:
    /// Nothing when the rings are of no use.
    static std::unique_ptr<NicSession> open(const NicContext& nic, GuestMemory& memory,
                                            base::MutableBytes rings, ChannelCounters& counters);

    std::size_t granted() const noexcept override { return all_.nvsp.granted(); }
    bool open_channel(base::MutableBytes rings) override;
    std::size_t channels() const noexcept override { return channels_.size(); }

    bool turn() noexcept override;
    bool arm() noexcept override { return all_.silent || arm_all(channels_); }
    void wake() noexcept override { wake_all(channels_); }
    void wake(std::size_t channel) noexcept override { wake_one(channels_, channel); }

    bool is_dead() const noexcept override { return is_any_dead(channels_); }
    bool is_receiving() const noexcept override { return all_.is_receiving(); }
    bool on_vf() const noexcept override { return all_.vf.on_vf(); }

    void indicate_link(bool up) noexcept override { all_.rndis.indicate_link(up); }
    void indicate_speed() noexcept override { all_.rndis.indicate_speed(); }
    void indicate_offload() noexcept override { all_.rndis.indicate_offload(); }
    unsigned take_link_flaps() noexcept override;

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
