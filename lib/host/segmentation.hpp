// Large sends: the host cuts the TCP segment of a guest into frames that the network carries, each
// with headers of its own. First the request is checked against a private copy of the headers;
// after that nothing can fail. The payload is copied once, from where the guest left it.
// Pure functions. Source: ntddndis.h NDIS_TCP_LARGE_SEND_OFFLOAD_NET_BUFFER_LIST_INFO; checks as in
// OpenVMM netvsp; headers as RFC 9293 and Linux tcp_gso_segment() leave them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.hpp"

namespace vmbus::host {

/// TCP payload that a guest may leave to the host at once, and least segments of it (OpenVMM).
inline constexpr std::uint32_t kLsoMaxBytes = 0xF53C;
inline constexpr std::uint32_t kLsoMinSegments = 2;

/// A large send that was found in order.
struct LargeSend {
    /// More would only be work for the host: a segment size of a few bytes is no honest guest's.
    static constexpr std::size_t kMaxSegments = 2048;
    /// Ethernet header to TCP options: what the 10 bits of an offset can say, and a TCP header.
    static constexpr std::size_t kMaxHeaderBytes = 1023 + 60;

    base::Bytes header;   ///< the private copy
    base::Bytes payload;  ///< may still change
    std::uint32_t tcp_offset = 0;
    std::uint32_t segment_payload = 0;  ///< of all segments but the last
    bool v6 = false;

    std::size_t segments() const noexcept {
        return payload.empty() ? 1 : (payload.size() + segment_payload - 1) / segment_payload;
    }
    std::size_t longest_frame() const noexcept {
        return header.size() + std::min<std::size_t>(payload.size(), segment_payload);
    }
};

/// Checks `request` (the word of the LSO info) against the frame, whose headers it copies into
/// `room`. False when they contradict each other: then nothing is to be sent. The frame has no VLAN
/// tag in line. Requires: room.size() >= min(frame.size(), LargeSend::kMaxHeaderBytes).
bool plan_large_send(base::Bytes frame, std::uint32_t request, base::MutableBytes room,
                     LargeSend& plan) noexcept;

/// Writes frame number `index` and returns its size: identification, lengths, sequence number,
/// flags and checksums are its own. Requires: index < segments(), out.size() >= longest_frame().
std::size_t write_segment(const LargeSend& plan, std::size_t index,
                          base::MutableBytes out) noexcept;

}  // namespace vmbus::host
