// Receive segment coalescing: which TCP segments may reach the guest as one, and what the headers
// of the one then say. Frames are private to the host here, without VLAN tags. Pure functions.
// Source: "Rules for Coalescing TCP/IP Segments" of NDIS 6.30; how the one travels: Linux
// drivers/net/hyperv rndis_filter.c, struct rndis_pktinfo_id.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace vmbus::host {

/// A segment with data and nothing unusual.
struct TcpSegment {
    std::size_t header_bytes = 0;  ///< Ethernet to TCP options
    std::size_t tcp_offset = 0;
    std::size_t payload_bytes = 0;  ///< without the padding of a short frame
    std::uint32_t sequence = 0;
    bool v6 = false;
    bool pushed = false;
};

/// Nothing when it has to travel alone: no TCP, no data, other flags than ACK and PSH, IPv4
/// options, fragments, extension headers, or checksums that are not right.
std::optional<TcpSegment> coalescible(base::Bytes frame) noexcept;

/// Whether `next` goes on where a unit of `unit_payload` bytes that started with `first` ends: same
/// flow, same options, same treatment, room in the length field.
bool continues(base::Bytes first, const TcpSegment& first_segment, std::size_t unit_payload,
               base::Bytes next, const TcpSegment& segment) noexcept;

/// Makes the headers in `first` those of the whole unit; acknowledgement, window and PSH are those
/// of the last segment. Checksums stay: the guest is told that their values are stale.
void become_unit(base::MutableBytes first, const TcpSegment& first_segment,
                 std::size_t unit_payload, base::Bytes last_header) noexcept;

}  // namespace vmbus::host
