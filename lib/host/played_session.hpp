// PlayedSession: a conversation in which the host says what is recorded (playback.hpp), in the
// place of the servers of NicSession. It hears the guest, completes its frames and hands them to
// the port, tells the playback of the rest, and puts on the rings what that has to say. Owned by
// the NIC; host thread only; nothing here blocks.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "host/channels_together.hpp"
#include "host/conversation.hpp"
#include "host/guest_memory.hpp"
#include "host/playback.hpp"
#include "host/played_channel.hpp"
#include "host/session.hpp"

namespace vmbus::host {

class PlayedSession final : public Session {
public:
    /// Nothing when the rings are of no use, or the recorded guest did not open the device once
    /// more. `counters` has one for each channel.
    static std::unique_ptr<PlayedSession> open(const NicContext& nic, GuestMemory& memory,
                                               base::MutableBytes rings,
                                               std::span<Counters> counters, Playback& playback);
    ~PlayedSession() override;

    std::size_t granted() const noexcept override { return playback_.channels(); }
    bool open_channel(base::MutableBytes rings) override;
    std::size_t channels() const noexcept override { return channels_.size(); }

    bool turn() noexcept override;
    bool arm() noexcept override { return arm_all(channels_); }
    void wake() noexcept override { wake_all(channels_); }
    void wake(std::size_t channel) noexcept override { wake_one(channels_, channel); }

    bool is_dead() const noexcept override { return is_any_dead(channels_); }
    bool is_receiving() const noexcept override { return false; }  // nothing of the port's
    bool on_vf() const noexcept override { return false; }

    void indicate_link(bool /*up*/) noexcept override {}
    void indicate_speed() noexcept override {}
    void indicate_offload() noexcept override {}
    unsigned take_link_flaps() noexcept override { return 0; }

private:
    PlayedSession(const NicContext& nic, GuestMemory& memory, std::span<Counters> counters,
                  Playback& playback) noexcept
        : nic_(nic), memory_(memory), counters_(counters), playback_(playback) {}

    bool listen(std::uint16_t channel);
    void hear(std::uint16_t channel, const ring::PacketView& view);
    void hear_frames(PlayedChannel& channel, const ring::PacketView& view);
    void fetch_data(const PacketParts& parts);
    bool fetch_pages(base::Bytes header);
    bool speak();
    bool say(const PlayedPacket& due);
    void put_data(const PlayedPacket& due) const noexcept;

    const NicContext nic_;
    GuestMemory& memory_;
    const std::span<Counters> counters_;
    Playback& playback_;
    ReceiveBuffer receive_;                                 ///< for what is recorded of this
    std::vector<std::unique_ptr<PlayedChannel>> channels_;  ///< never empty; the primary is first

    // Of the packet at hand: private copies.
    std::vector<std::byte> packet_;
    std::vector<std::byte> data_;
};

}  // namespace vmbus::host
