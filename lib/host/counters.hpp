// What the channels of a NIC and the NIC itself did, in numbers: plain data, written by the host
// thread, turned into JSON elsewhere. "tx" is what the guest sends and "rx" what it receives, as
// the guest sees it. Counters live as long as the NIC; versions are those of the last conversation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace vmbus::host {

/// Why a frame went nowhere though nothing was wrong with the conversation.
enum class Drop : std::uint8_t {
    kTxRefused,  ///< in a message that was answered with FAILURE
    kTxLinkDown,
    kTxAboveMtu,  ///< more than the network carries, though not more than the guest announced
    kRxAboveMtu,
    kRxUndersized,
    kRxOthersAddress,  ///< for another station, and the guest is not promiscuous
    kRxDirected,       ///< of a kind that the guest's packet filter does not let in
    kRxMulticast,
    kRxBroadcast,
    kRxChannelStuck,    ///< for a channel that the guest does not serve, while others are served
    kControlQueueFull,  ///< a status indication that found no room
};
inline constexpr std::size_t kDrops = static_cast<std::size_t>(Drop::kControlQueueFull) + 1;
const char* to_string(Drop drop) noexcept;

/// Frames and bytes by what their destination address is.
struct ByKind {
    enum Kind : std::uint8_t { kDirected, kMulticast, kBroadcast, kKinds };
    std::array<std::uint64_t, kKinds> frames{};
    std::array<std::uint64_t, kKinds> bytes{};

    static Kind kind_of(base::Bytes frame) noexcept;
    /// Requires: frame.size() >= 6.
    void count(base::Bytes frame) noexcept {
        const Kind kind = kind_of(frame);
        ++frames[kind];
        bytes[kind] += frame.size();
    }
    ByKind& operator+=(const ByKind& other) noexcept;
};

inline ByKind::Kind ByKind::kind_of(base::Bytes frame) noexcept {
    if ((frame[0] & std::byte{1}) == std::byte{0}) {
        return kDirected;
    }
    const bool all_ones = base::load_at<std::uint32_t>(frame, 0) == UINT32_MAX &&
                          base::load_at<std::uint16_t>(frame, 4) == UINT16_MAX;
    return all_ones ? kBroadcast : kMulticast;
}

/// Counts frames one after another: a sum of all, in registers, as nearly all are directed.
class KindTally {
public:
    explicit KindTally(ByKind& kinds) noexcept : kinds_(kinds) {}

    /// Requires: frame.size() >= 6.
    void count(base::Bytes frame) noexcept {
        bytes_ += frame.size();
        if ((frame[0] & std::byte{1}) == std::byte{0}) [[likely]] {
            ++directed_frames_;
            directed_bytes_ += frame.size();
        } else {
            kinds_.count(frame);
        }
    }
    /// Once, at the end: the bytes of all.
    std::uint64_t finish() const noexcept {
        kinds_.frames[ByKind::kDirected] += directed_frames_;
        kinds_.bytes[ByKind::kDirected] += directed_bytes_;
        return bytes_;
    }

private:
    ByKind& kinds_;
    std::uint64_t bytes_ = 0;
    std::uint64_t directed_frames_ = 0;
    std::uint64_t directed_bytes_ = 0;
};

/// Of one channel.
struct Counters {
    // Guest to host.
    std::uint64_t tx_packets = 0;  ///< frames handed to the port
    std::uint64_t tx_bytes = 0;
    std::uint64_t tx_ring_packets = 0;  ///< every packet read from the ring
    std::uint64_t tx_by_section = 0;    ///< RNDIS messages, by where their bytes lay
    std::uint64_t tx_by_gpa = 0;
    std::uint64_t tx_by_both = 0;
    /// Messages that carried i + 1 frames; the last entry is for more than 8.
    std::array<std::uint64_t, 9> tx_frames_per_message{};
    std::uint64_t tx_large_sends = 0;  ///< and the segments they were cut into
    std::uint64_t tx_segments = 0;
    std::uint64_t tx_vlan_tags = 0;  ///< frames and large sends that came with a tag as info
    ByKind tx_by_kind;
    std::uint64_t tx_failures = 0;  ///< RNDIS messages answered with FAILURE

    // Host to guest.
    std::uint64_t rx_packets = 0;
    std::uint64_t rx_bytes = 0;
    std::uint64_t rx_vlan_tags = 0;  ///< frames whose tag became info
    ByKind rx_by_kind;
    std::uint64_t rx_ring_packets = 0;  ///< every packet written to the ring
    std::uint64_t rx_transfer_packets = 0;
    std::uint64_t rx_coalesced = 0;  ///< units of several segments, and the segments in them
    std::uint64_t rx_coalesced_segments = 0;
    std::uint64_t rx_no_buffer = 0;  ///< turns in which the guest held all receive buffers
    std::uint64_t rx_ring_full = 0;  ///< turns in which the ring had no room for all there was

    std::uint64_t completions_sent = 0;
    std::uint64_t completions_received = 0;
    std::uint64_t signals_from_guest = 0;
    std::uint64_t interrupts_to_guest = 0;
    std::uint64_t opens = 0;

    std::array<std::uint64_t, kDrops> drops{};

    void drop(Drop why, std::uint64_t frames = 1) noexcept {
        drops[static_cast<std::size_t>(why)] += frames;
    }
    std::uint64_t dropped(Drop why) const noexcept { return drops[static_cast<std::size_t>(why)]; }
    Counters& operator+=(const Counters& other) noexcept;
};

/// Of a NIC: the sum of its channels, and what belongs to none of them.
struct NicCounters : Counters {
    std::uint64_t control_requests = 0;
    std::uint64_t control_replies = 0;  ///< status indications included
    std::uint64_t polls = 0;
    std::uint64_t busy_polls = 0;
    std::uint64_t faults = 0;  ///< scripted misbehaviour done

    std::uint32_t nvsp_version = 0;
    std::uint32_t ndis_major = 0;
    std::uint32_t ndis_minor = 0;
    std::uint32_t rndis_major = 0;
    std::uint32_t rndis_minor = 0;
    std::uint32_t guest_capabilities = 0;  ///< bits of NDIS_CONFIG
    std::uint32_t guest_mtu = 0;           ///< as it announced it, Ethernet header included
};

}  // namespace vmbus::host
