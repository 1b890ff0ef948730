// PlayedPacket: a packet that a recorded host sent, as it goes to another guest: what belonged to
// the recorded conversation in it has become this one's, and where the guest still has the place
// in the receive buffer, its frames lie elsewhere. A value; host thread only. Docs:
// docs/emulator.md, "Replay".
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "host/lent_ranges.hpp"

namespace vmbus::host {

struct PlayedPacket {
    std::uint16_t channel = 0;
    std::vector<std::byte> packet{};
    LentRanges::Ranges ranges{};
    std::vector<std::byte> data{};  ///< what the ranges hold, one after the other
    bool has_frames = false;
};

/// What is of this conversation.
struct PlayedIds {
    std::uint64_t packet = 0;          ///< of what a completion completes
    std::uint32_t request = 0;         ///< of what a reply answers
    std::uint16_t receive_buffer = 0;  ///< what the guest calls it
};
/// What is broken on purpose stays as it was.
PlayedPacket played_packet(std::uint16_t channel, base::Bytes packet, base::Bytes data,
                           const PlayedIds& ids);

/// Moves frames on to where nothing is lent, within so many bytes. False when there is no such
/// place; then it is as it was.
bool move_from_lent(PlayedPacket& packet, const LentRanges& lent, std::uint64_t buffer_bytes);

}  // namespace vmbus::host
