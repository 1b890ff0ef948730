// From the port to the guest: frames are copied once, each into a piece of the receive buffer, and
// go out many to a packet. It asks the port for no more than there are free pieces and room in the
// ring, so that what is slow is the guest, and nothing is lost.
// Owned by the session; host thread only; allocates nothing. Layout: docs/emulator.md.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "host/counters.hpp"
#include "host/fault.hpp"
#include "host/offload_config.hpp"
#include "host/outbox.hpp"
#include "host/port.hpp"
#include "host/receive_buffer.hpp"
#include "wire/nvsp.hpp"
#include "wire/packet.hpp"

namespace vmbus::host {

class RxPath {
public:
    static constexpr std::uint32_t kFramesPerPacket = 64;
    static constexpr std::uint32_t kPacketsPerTurn = 4;

    RxPath(ReceiveBuffer& receive, Outbox& outbox, Port& port, FaultEngine& faults,
           Counters& counters) noexcept;

    /// Delivers what the port has, up to a turn's worth, frames of at most `mtu` bytes, and says
    /// what it found in checking them. True when something was delivered or dropped.
    bool turn(std::uint32_t mtu, const ReceiveChecks& checks) noexcept;
    /// Sends a packet that was built and found no room. True when none is left.
    bool send_pending() noexcept { return pending_ == 0 || send(); }

private:
    struct Ranges {
        wire::TransferPagesHeader header;
        std::array<wire::TransferPageRange, kFramesPerPacket> range;
    };

    std::uint32_t frames_wanted() noexcept;
    std::uint32_t fill(std::span<const Frame> frames, std::uint32_t mtu) noexcept;
    bool place(base::Bytes frame, std::uint32_t piece, std::uint32_t mtu) noexcept;
    bool send() noexcept;
    void spoil_length(base::MutableBytes piece) noexcept;
    void spoil_info(base::MutableBytes piece) noexcept;

    ReceiveBuffer& receive_;
    Outbox& outbox_;
    Port& port_;
    FaultEngine& faults_;
    Counters& counters_;

    ReceiveChecks checks_{};     ///< of this turn
    std::uint32_t pending_ = 0;  ///< ranges of a packet that is built and not sent
    Ranges ranges_{};
    std::array<std::uint32_t, kFramesPerPacket> pieces_{};
    std::array<Frame, kFramesPerPacket> frames_{};
    std::array<std::byte, wire::kNvspHostMessageBytesV61> payload_{};
};

}  // namespace vmbus::host
