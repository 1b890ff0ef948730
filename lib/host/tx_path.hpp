// From the guest to the port: finds the bytes of an RNDIS message (a section, pages, or both),
// takes the frames out of it, does what their per-packet info asks for, and hands them to the port
// in order, a turn's worth at once, large sends cut into segments. A message is carried whole or
// refused whole. Owned by the channel; host thread only; allocates nothing after construction.
// Frames in sections are handed over in place, the others from one private copy.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "codec/rndis_packet.hpp"
#include "host/counters.hpp"
#include "host/guest_memory.hpp"
#include "host/outbox.hpp"
#include "host/port.hpp"
#include "host/ring_tap.hpp"
#include "host/rndis_server.hpp"
#include "host/segmentation.hpp"
#include "host/send_buffer.hpp"
#include "host/violation.hpp"
#include "ring/gpa_list.hpp"
#include "ring/packet_view.hpp"
#include "wire/nvsp.hpp"

namespace vmbus::host {

class TxPath {
public:
    /// Largest message: twice the largest send that is announced.
    static constexpr std::uint32_t kMaxMessageBytes = 128 * 1024;

    /// `takes_control`: control messages belong on the primary channel.
    TxPath(SendBuffer& send, Outbox& outbox, RndisServer& rndis, const NvspServer& nvsp, Port& port,
           GuestMemory& memory, const bool& link_up, bool takes_control, ViolationLog& violations,
           Counters& counters);

    /// A SEND_RNDIS_PACKET, of which `message` is the private copy. Completes it; the guest learns
    /// of that only after transmit(). Requires: the outbox has room.
    void handle(const ring::PacketView& view, const wire::NvspSendRndisPacket& message) noexcept;

    /// Fetches what the section holds that a packet names, which is to be handled soon.
    void expect(const ring::PacketView& view) const noexcept;

    /// What messages point to is recorded from now on.
    void set_tap(RingTap& tap) noexcept { tap_ = &tap; }

    /// Hands what was collected to the port.
    void transmit() noexcept;

private:
    static constexpr std::size_t kFrames = 512;
    static constexpr std::size_t kMaxFramesPerMessage = 128;
    static constexpr std::size_t kArenaBytes = 1U << 20;
    static constexpr std::size_t kSegmentArenaBytes = 128U << 10;
    static constexpr std::size_t kSegmentsAtOnce = 64;
    /// What one message may need: its bytes, and an edited copy of each of its frames.
    static constexpr std::size_t kArenaPerMessage =
        std::size_t{2} * kMaxMessageBytes + 8 * kMaxFramesPerMessage;
    static constexpr std::size_t kMaxSpans = 512;
    static constexpr std::size_t kMaxPpiBytes = 256;

    /// One RNDIS data message inside the external data.
    struct Packet {
        codec::PacketBounds bounds;
        codec::PacketInfo info;
    };

    /// A large send that waits to be cut: it stands for the frame at its position.
    struct Large {
        std::size_t position;
        LargeSend plan;
        std::optional<std::uint16_t> tag;
    };

    bool carry(const ring::PacketView& view, const wire::NvspSendRndisPacket& message,
               std::uint32_t& section) noexcept;
    std::optional<base::Bytes> locate(const ring::PacketView& view,
                                      const wire::NvspSendRndisPacket& message,
                                      std::uint32_t& section) noexcept;
    std::optional<base::Bytes> gather(const ring::PacketView& view, base::Bytes first) noexcept;
    void note_range_ends(std::uint32_t range_count, std::uint32_t first) noexcept;
    bool control(base::Bytes data) noexcept;
    bool frames(base::Bytes data) noexcept;
    bool take_all(base::Bytes data, std::size_t& taken) noexcept;
    inline bool parse(base::Bytes rest, std::size_t offset, Packet& packet) noexcept;
    inline bool take(base::Bytes message, const Packet& packet, std::uint32_t mtu) noexcept;
    bool take_large(base::Bytes message, base::Bytes frame, const codec::PacketInfo& info) noexcept;
    void hand_over(std::span<const Frame> frames) noexcept;
    void cut(const Large& large) noexcept;
    bool edit(base::Bytes& frame, const codec::PacketInfo& info) noexcept;
    bool in_one_range(std::size_t start, const codec::PacketBounds& bounds) const noexcept;
    bool refuse(Violation violation, base::Bytes offending) noexcept;
    base::MutableBytes allocate(std::size_t bytes) noexcept;

    SendBuffer& send_;
    Outbox& outbox_;
    RndisServer& rndis_;
    const NvspServer& nvsp_;
    Port& port_;
    GuestMemory& memory_;
    const bool& link_up_;
    const bool takes_control_;
    ViolationLog& violations_;
    Counters& counters_;
    RingTap* tap_ = nullptr;

    std::size_t count_ = 0;
    std::size_t arena_used_ = 0;
    std::array<Frame, kFrames> frames_{};
    std::unique_ptr<std::byte[]> arena_;
    std::size_t large_count_ = 0;
    std::array<Large, kFrames> large_{};
    std::unique_ptr<std::byte[]> segments_;

    // Of the message at hand.
    std::size_t ranges_ = 0;
    std::array<std::uint32_t, kMaxSpans + 1> range_ends_{};
    std::array<std::byte, kMaxSpans * 16> list_{};
    std::array<ring::GpaSpan, kMaxSpans> spans_{};
};

}  // namespace vmbus::host
