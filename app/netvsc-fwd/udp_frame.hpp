// The headers of a UDP packet over IPv4, lengths and checksums right: what the modes that make
// packets put in front of a payload of zeros. Hosts in clouds drop wrong ones. Pure functions.
#pragma once

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace netvsc_fwd {

/// Host byte order. The addresses are those that RFC 2544 sets aside for measurements, and the port
/// is the one of the discard service; dpdk-testpmd has the same.
struct UdpFlow {
    rte_ether_addr source{};
    rte_ether_addr destination{};
    std::uint32_t source_ip = RTE_IPV4(198, 18, 0, 1);
    std::uint32_t destination_ip = RTE_IPV4(198, 18, 0, 2);
    std::uint16_t source_port = 9;
    std::uint16_t destination_port = 9;
};

struct UdpHeaders {
    rte_ether_hdr ether;
    rte_ipv4_hdr ip;
    rte_udp_hdr udp;
};
static_assert(sizeof(UdpHeaders) == 42, "they lie in the frame without a gap");

/// Of a frame of so many bytes, of which those behind the headers are `payload` and then zeros.
/// Requires: payload of an even length that fits; sizeof(UdpHeaders) <= frame_bytes <= 65535.
UdpHeaders udp_headers(const UdpFlow& flow, std::uint32_t frame_bytes,
                       std::span<const std::byte> payload = {});

}  // namespace netvsc_fwd
