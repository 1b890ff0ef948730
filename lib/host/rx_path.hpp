// From the port to the guest on one channel: frames are copied once, each into a piece of the
// receive buffer, and go out many to a packet. It says how many it has room for, and whoever asks
// the port asks for no more, so that what is slow is the guest, and nothing is lost. Segments of
// one TCP flow that stand next to each other become one frame in several pieces, if the guest wants
// that. Owned by the channel; host thread only; allocates nothing. Layout: docs/emulator.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "host/coalescing.hpp"
#include "host/counters.hpp"
#include "host/fault_frame.hpp"
#include "host/offload_config.hpp"
#include "host/outbox.hpp"
#include "host/packet_filter.hpp"
#include "host/receive_buffer.hpp"
#include "host/rx_spread.hpp"
#include "wire/nvsp.hpp"
#include "wire/packet.hpp"

namespace vmbus::host {

class RxPath {
public:
    static constexpr std::uint32_t kFramesPerPacket = 64;
    static constexpr std::uint32_t kMostFrames = 256;

    RxPath(ReceiveBuffer& receive, std::uint32_t channel, Outbox& outbox, FaultPoint faults,
           Counters& counters) noexcept;

    /// What the guest wants to receive, and how.
    struct Wishes {
        std::uint32_t mtu;  ///< longest frame, Ethernet header included
        const PacketFilter& filter;
        const OffloadConfig& offload;
    };
    /// How many frames it can take now, at most kMostFrames.
    std::uint32_t room() noexcept;
    /// These are about to be delivered: begins to fetch what they will be written to. Requires:
    /// frames.size() <= room().
    void expect(std::span<const RxFrame> frames) const noexcept;
    /// Delivers these, up to kFramesPerPacket in a packet, and says what it found in checking them.
    /// Faster after expect(). Requires: frames.size() <= room().
    void deliver(std::span<const RxFrame> frames, const Wishes& wishes) noexcept;

private:
    struct Ranges {
        wire::TransferPagesHeader header;
        std::array<wire::TransferPageRange, kFramesPerPacket> range;
    };

    bool send_pending() noexcept { return pending_ == 0 || send(); }
    std::uint32_t packet_bytes(std::uint32_t frames) const noexcept;
    std::uint32_t fitting(std::uint32_t ring_bytes) const noexcept;
    std::uint32_t fill(std::span<const RxFrame> frames, const Wishes& wishes) noexcept;
    /// TCP segments that become one frame: in pieces one after the other.
    struct Unit {
        std::uint32_t parts = 0;  ///< 0: none is open
        std::uint32_t last_piece = 0;
        base::MutableBytes piece;  ///< the first
        TcpSegment first;
        std::size_t payload = 0;
        std::uint16_t tci = 0;
        bool tagged = false;
        std::array<std::byte, 14 + 40 + 60> last_header{};
    };

    void coalesce(const RxFrame& rx, std::uint32_t piece, const Wishes& wishes,
                  const ReceiveChecks* checks) noexcept;
    bool joins_unit(base::Bytes frame, bool tag, const TcpSegment& segment) const noexcept;
    void place_part(base::Bytes payload, std::uint32_t piece) noexcept;
    void close_unit() noexcept;
    void spoil(std::span<const std::uint32_t> pieces) noexcept;
    bool send() noexcept;
    bool send_spoilt() noexcept;
    bool send(const Ranges& ranges, std::uint64_t id, base::Bytes payload) noexcept;

    ReceiveBuffer& receive_;
    const std::uint32_t channel_;
    Outbox& outbox_;
    FrameSpoiler spoiler_;
    Counters& counters_;

    Unit unit_;
    std::uint32_t pending_ = 0;  ///< ranges of a packet that is built and not sent
    Ranges ranges_{};
    std::array<std::uint32_t, kFramesPerPacket> pieces_{};
    std::array<std::byte, wire::kNvspHostMessageBytesV61> payload_{};
};

}  // namespace vmbus::host
