// RingTap: writes what crosses one channel's rings into a record (recorder.hpp), or nothing when
// there is none. Owned by the channel; host thread only.
#pragma once

#include "base/bytes.hpp"
#include "host/receive_buffer.hpp"
#include "host/recorder.hpp"
#include "ring/memory.hpp"
#include "ring/packet_view.hpp"

namespace vmbus::host {

class RingTap {
public:
    /// `receive` is where the packets for the guest point to. `recorder` may be nullptr.
    RingTap(Recorder* recorder, RecordPlace place, const ReceiveBuffer& receive) noexcept;
    ~RingTap();
    RingTap(const RingTap&) = delete;
    RingTap& operator=(const RingTap&) = delete;

    bool active() const noexcept { return recorder_ != nullptr; }

    /// A packet of the guest, begun; what it points to is added when somebody has found it. The
    /// bytes are read once more for the record, so a guest that changes them meanwhile may be
    /// recorded otherwise than it was heard.
    void begin_from_guest(const ring::PacketView& view) noexcept;
    void points_to(base::Bytes data) noexcept;
    void end_from_guest() noexcept;

    /// The packets in [start, end), as the guest will find them, spoilt or not: one whose length is
    /// no length takes all that follow.
    void to_guest(const ring::MappedRing& memory, std::uint32_t start, std::uint32_t end) noexcept;

private:
    std::uint32_t record_packet(const ring::MappedRing& memory, std::uint32_t at,
                                std::uint32_t most) noexcept;
    void add_ranges(base::Bytes packet) noexcept;

    Recorder* const recorder_;
    const RecordPlace place_;
    const ReceiveBuffer& receive_;
    bool begun_ = false;
};

}  // namespace vmbus::host
