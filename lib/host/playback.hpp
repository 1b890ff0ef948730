// Playback: what the recorded host of one NIC said (recording.hpp), said again to another guest. It
// waits for each request of the recorded guest, then has the next thing to say; QUERYs alone are
// answered whenever they come, because guests ask some by the clock. What belongs to
// this conversation and not to the recorded one is put right on the way: ids of packets and of
// RNDIS requests, and the id of the receive buffer. Whatever the guest does otherwise is noted.
// It decides; who speaks is PlayedSession. Owned by the machine, one for each NIC; host thread
// only. Docs: docs/emulator.md, "Replay".
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "host/frame_tally.hpp"
#include "host/lent_ranges.hpp"
#include "host/playback_pace.hpp"
#include "host/played_packet.hpp"
#include "host/recorded_packet.hpp"
#include "host/recording.hpp"

namespace vmbus::host {

class Playback {
public:
    /// Differences that are kept; of more, only how many.
    static constexpr std::size_t kMostDifferences = 8;
    /// What the host said unasked, it says no sooner after the last step than it did, up to this.
    static constexpr auto kLongestPause = std::chrono::seconds(2);

    /// Frames whose place the guest still has, while nothing moves for so long, go to another: what
    /// it holds it may hold until it gets more.
    static constexpr auto kPatienceWithLoans = std::chrono::milliseconds(50);

    /// `nic` and `pace` outlive it.
    Playback(const RecordedNic& nic, PlaybackPace& pace) noexcept
        : nic_(nic), pace_(pace), questions_(nic.answers) {}

    // ---- What the guest does.

    /// False: the recorded guest did not open the device once more.
    bool opened();
    void closed();
    /// A request, and what it points to. Frames are not, nor is what the guest returns.
    void asked(std::uint16_t channel, const PacketParts& packet, base::Bytes data);
    void returned(std::uint64_t id);
    /// A frame. The caller completes the packet that has it.
    void sent(base::Bytes frame);

    // ---- What the host does.

    /// What is to be said now, while the guest has so many channels open; nullptr: nothing yet.
    /// Valid until said().
    const PlayedPacket* due(std::size_t channels);
    void said();
    /// Channels that the guest is to have, the primary included.
    std::size_t channels() const noexcept { return channels_; }
    std::size_t message_bytes() const noexcept { return nic_.message_bytes; }

    // ---- How it goes.

    /// Nothing is left but to take leave, for which a guest that runs on must be asked.
    bool at_goodbye() const noexcept { return at_ >= nic_.goodbye; }
    /// The guest wants what the recorded one never did; nothing more is said to it.
    bool lost() const noexcept { return lost_; }
    /// What it waits for, in words; empty when there is nothing.
    std::string waits_for() const;
    /// What the guest did otherwise, one line each.
    std::vector<std::string> differences() const;

private:
    struct Asked {
        std::uint16_t channel = 0;
        std::uint64_t id = 0;
        MessageKind kind;
        std::vector<std::byte> payload;
        std::vector<std::byte> data;
    };

    const std::vector<RecordedStep>& steps() const noexcept { return nic_.steps; }
    bool advance(std::size_t channels);
    bool was_asked(const RecordedStep& step);
    bool may_say(const RecordedStep& step, const std::optional<PacketParts>& parts);
    bool prepare(const RecordedStep& step);
    bool answer(const Asked& asked);
    void compare(const RecordedStep& step, const Asked& asked);
    void note_questions_left_out();
    const RecordedStep* next_request(std::size_t from) const noexcept;
    bool comes(std::uint16_t channel, const MessageKind& kind) const noexcept;
    std::size_t end_of_opening() const noexcept;
    void step_done() noexcept;
    void note(std::string difference);

    const RecordedNic& nic_;
    PlaybackPace& pace_;
    std::size_t at_ = 0;
    QuestionsAsked questions_;
    bool lost_ = false;
    FrameTally frames_;
    std::vector<std::string> differences_;
    std::size_t more_differences_ = 0;

    // Of this opening.
    std::optional<PlayedPacket> due_;
    bool answering_ = false;            ///< it is no step
    std::deque<PlayedPacket> answers_;  ///< to QUERYs
    std::size_t channels_ = 0;
    std::uint16_t receive_id_ = 0;
    LentRanges lent_;
    std::deque<Asked> asked_;                                               ///< not yet matched
    std::map<std::pair<std::uint16_t, std::uint64_t>, std::uint64_t> ids_;  ///< recorded -> its own
    std::map<std::uint32_t, std::uint32_t> rndis_requests_;                 ///< the same
};

}  // namespace vmbus::host
