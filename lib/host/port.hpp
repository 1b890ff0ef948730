// Port: what an emulated NIC is plugged into. A NIC hands it the frames that the guest sends and
// asks it for frames to deliver. Host thread only; nothing here blocks.
// Kinds: null, loop, gen, pcap, tap (port_*.cpp) and lan (vswitch.cpp); made by make_port().
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace vmbus::host {

/// A whole Ethernet frame, VLAN tag in line, no FCS. The bytes are valid during the call only and
/// may be memory that the guest can still change: decide on copies.
struct Frame {
    base::Bytes bytes;
};

class Port {
public:
    virtual ~Port() = default;

    /// The guest sent these, in this order.
    virtual void transmit(std::span<const Frame> frames) noexcept = 0;

    /// Takes up to frames.size() frames for the guest and says how many. The bytes stay valid until
    /// the next call of any method. What is returned is delivered: the NIC asks for no more than it
    /// has room for.
    virtual std::size_t receive(std::span<Frame> frames) noexcept = 0;

    /// Of what was delivered the guest has this much in hand: pieces of its receive buffer that it
    /// has not given back. Told once a turn, before receive().
    virtual void guest_holds(std::size_t /*pieces*/) noexcept {}

    /// The guest opened (any bit set) or shut its packet filter.
    virtual void set_filter(std::uint32_t /*ndis_filter*/) noexcept {}
    /// The guest closed the channel; what was in flight is gone.
    virtual void guest_closed() noexcept {}

    /// A number of frames and what became of them. Names are constants such as "lan_queue_full".
    struct Drop {
        const char* reason;
        std::uint64_t frames;
    };
    /// What this port dropped, and why.
    virtual std::span<const Drop> drops() const noexcept { return {}; }

    /// Once a turn of the host, whether or not the guest takes frames. True while something waits
    /// for its time: the host stays awake.
    virtual bool turn() noexcept { return false; }

    /// What else there is to tell, for the statistics; names are constants.
    struct Figure {
        const char* name;
        std::uint64_t value;
    };
    virtual std::vector<Figure> figures() const { return {}; }

    /// Becomes readable when frames for the guest arrive from outside; -1 when none ever do. The
    /// host watches it edge-triggered: it looks at the port after each wake-up.
    virtual int poll_fd() const noexcept { return -1; }

    /// What went wrong with a file, in one line; given once, then empty.
    virtual std::string take_error() noexcept { return {}; }
};

/// How far the replays of a host are. Frames handed to guests by replaying ports, and frames that
/// guests sent, on all NICs.
struct Flow {
    std::uint64_t replayed = 0;   ///< delivered to guests out of pcap files
    std::uint64_t to_replay = 0;  ///< in all pcap files
    std::uint64_t sent_by_guests = 0;
    std::uint64_t not_returned = 0;  ///< of the replayed: given up for the window, not seen since
};

}  // namespace vmbus::host
