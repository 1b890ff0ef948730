#include "host/counters.hpp"

namespace vmbus::host {

const char* to_string(Drop drop) noexcept {
    switch (drop) {
        case Drop::kTxRefused: return "tx_refused";
        case Drop::kTxLinkDown: return "tx_link_down";
        case Drop::kTxAboveMtu: return "tx_above_mtu";
        case Drop::kRxAboveMtu: return "rx_above_mtu";
        case Drop::kRxUndersized: return "rx_undersized";
        case Drop::kRxOthersAddress: return "rx_others_address";
        case Drop::kRxDirected: return "rx_filtered_directed";
        case Drop::kRxMulticast: return "rx_filtered_multicast";
        case Drop::kRxBroadcast: return "rx_filtered_broadcast";
        case Drop::kRxChannelStuck: return "rx_channel_stuck";
        case Drop::kControlQueueFull: return "control_queue_full";
    }
    return "unknown";
}

ByKind& ByKind::operator+=(const ByKind& other) noexcept {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        frames[kind] += other.frames[kind];
        bytes[kind] += other.bytes[kind];
    }
    return *this;
}

Counters& Counters::operator+=(const Counters& other) noexcept {
    tx_packets += other.tx_packets;
    tx_bytes += other.tx_bytes;
    tx_ring_packets += other.tx_ring_packets;
    tx_by_section += other.tx_by_section;
    tx_by_gpa += other.tx_by_gpa;
    tx_by_both += other.tx_by_both;
    for (std::size_t i = 0; i < tx_frames_per_message.size(); ++i) {
        tx_frames_per_message[i] += other.tx_frames_per_message[i];
    }
    tx_large_sends += other.tx_large_sends;
    tx_segments += other.tx_segments;
    tx_vlan_tags += other.tx_vlan_tags;
    tx_by_kind += other.tx_by_kind;
    tx_failures += other.tx_failures;
    rx_packets += other.rx_packets;
    rx_bytes += other.rx_bytes;
    rx_vlan_tags += other.rx_vlan_tags;
    rx_by_kind += other.rx_by_kind;
    rx_ring_packets += other.rx_ring_packets;
    rx_transfer_packets += other.rx_transfer_packets;
    rx_coalesced += other.rx_coalesced;
    rx_coalesced_segments += other.rx_coalesced_segments;
    rx_no_buffer += other.rx_no_buffer;
    rx_ring_full += other.rx_ring_full;
    completions_sent += other.completions_sent;
    completions_received += other.completions_received;
    signals_from_guest += other.signals_from_guest;
    interrupts_to_guest += other.interrupts_to_guest;
    opens += other.opens;
    for (std::size_t i = 0; i < drops.size(); ++i) {
        drops[i] += other.drops[i];
    }
    return *this;
}

}  // namespace vmbus::host
