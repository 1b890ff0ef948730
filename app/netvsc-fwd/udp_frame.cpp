#include "udp_frame.hpp"

#include <netinet/in.h>

namespace netvsc_fwd {
namespace {

constexpr std::uint8_t kTimeToLive = 64;

std::uint16_t udp_checksum(const rte_ipv4_hdr& ip, const rte_udp_hdr& udp,
                           std::span<const std::byte> payload) {
    std::uint32_t sum = rte_ipv4_phdr_cksum(&ip, 0);
    sum += rte_raw_cksum(&udp, sizeof udp);
    sum += rte_raw_cksum(payload.data(), payload.size());
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    const auto checksum = static_cast<std::uint16_t>(~sum);
    return checksum == 0 ? 0xFFFF : checksum;  // RFC 768: 0 means that there is none
}

}  // namespace

UdpHeaders udp_headers(const UdpFlow& flow, std::uint32_t frame_bytes,
                       std::span<const std::byte> payload) {
    UdpHeaders headers{};
    headers.ether.src_addr = flow.source;
    headers.ether.dst_addr = flow.destination;
    headers.ether.ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);

    rte_ipv4_hdr& ip = headers.ip;
    const auto ip_bytes = static_cast<std::uint16_t>(frame_bytes - sizeof headers.ether);
    ip.version_ihl = RTE_IPV4_VHL_DEF;
    ip.total_length = rte_cpu_to_be_16(ip_bytes);
    ip.time_to_live = kTimeToLive;
    ip.next_proto_id = IPPROTO_UDP;
    ip.src_addr = rte_cpu_to_be_32(flow.source_ip);
    ip.dst_addr = rte_cpu_to_be_32(flow.destination_ip);
    ip.hdr_checksum = rte_ipv4_cksum(&ip);

    rte_udp_hdr& udp = headers.udp;
    udp.src_port = rte_cpu_to_be_16(flow.source_port);
    udp.dst_port = rte_cpu_to_be_16(flow.destination_port);
    udp.dgram_len = rte_cpu_to_be_16(static_cast<std::uint16_t>(ip_bytes - sizeof ip));
    udp.dgram_cksum = udp_checksum(ip, udp, payload);
    return headers;
}

}  // namespace netvsc_fwd
