// NDIS parameter objects carried by OIDs: offload capabilities and settings, RSS, link state.
// Source: ntddndis.h; sizes by revision as hosts send and accept them (OpenVMM rndisprot.rs).
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/wire_type.hpp"

namespace vmbus::wire {

struct NdisObjectHeader {
    std::uint8_t type;
    std::uint8_t revision;
    std::uint16_t size;
};
static_assert(WireType<NdisObjectHeader> && sizeof(NdisObjectHeader) == 4);

inline constexpr std::uint8_t kNdisObjectDefault = 0x80;
inline constexpr std::uint8_t kNdisObjectRssCapabilities = 0x88;
inline constexpr std::uint8_t kNdisObjectRssParameters = 0x89;
inline constexpr std::uint8_t kNdisObjectOffload = 0xA7;
inline constexpr std::uint8_t kNdisObjectEncapsulation = 0xA8;

inline constexpr std::uint32_t kNdisEncapsulation8023 = 2;

/// Checksum flags, two bits each; 1 is "supported".
enum NdisChecksumFlag : std::uint32_t {
    kNdisIpOptions = 1U << 0,  ///< IPv6: extension headers
    kNdisTcpOptions = 1U << 2,
    kNdisTcp = 1U << 4,
    kNdisUdp = 1U << 6,
    kNdisIpHeader = 1U << 8,  ///< IPv4 only
};

struct NdisChecksumOffload {
    std::uint32_t ipv4_tx_encapsulation;
    std::uint32_t ipv4_tx_flags;
    std::uint32_t ipv4_rx_encapsulation;
    std::uint32_t ipv4_rx_flags;
    std::uint32_t ipv6_tx_encapsulation;
    std::uint32_t ipv6_tx_flags;
    std::uint32_t ipv6_rx_encapsulation;
    std::uint32_t ipv6_rx_flags;
};
static_assert(WireType<NdisChecksumOffload> && sizeof(NdisChecksumOffload) == 32);

struct NdisLsoV2 {
    std::uint32_t ipv4_encapsulation;
    std::uint32_t ipv4_max_size;
    std::uint32_t ipv4_min_segments;
    std::uint32_t ipv6_encapsulation;
    std::uint32_t ipv6_max_size;
    std::uint32_t ipv6_min_segments;
    std::uint32_t ipv6_flags;
};
static_assert(WireType<NdisLsoV2> && sizeof(NdisLsoV2) == 28);

/// NDIS_OFFLOAD, revision 3.
struct NdisOffload {
    NdisObjectHeader header;
    NdisChecksumOffload checksum;
    std::uint32_t lso_v1[4];
    std::uint32_t ipsec_v1[7];
    NdisLsoV2 lso_v2;
    std::uint32_t flags;
    std::uint32_t ipsec_v2[8];
    std::uint8_t rsc[4];
    std::uint32_t encapsulated_packets[2];
};
static_assert(WireType<NdisOffload> && sizeof(NdisOffload) == 156);
static_assert(offsetof(NdisOffload, lso_v1) == 36);
static_assert(offsetof(NdisOffload, ipsec_v1) == 52);
static_assert(offsetof(NdisOffload, lso_v2) == 80);
static_assert(offsetof(NdisOffload, flags) == 108);
static_assert(offsetof(NdisOffload, rsc) == 144);
static_assert(offsetof(NdisOffload, encapsulated_packets) == 148);

/// Values of the offload settings below.
enum class NdisOffloadSetting : std::uint8_t {
    kNoChange = 0,
    kDisabled = 1,
    kTxOnly = 2,
    kRxOnly = 3,
    kBoth = 4,
};
inline constexpr std::uint8_t kNdisLsoOff = 1;
inline constexpr std::uint8_t kNdisLsoOn = 2;

/// NDIS_OFFLOAD_PARAMETERS as far as every revision has it.
struct NdisOffloadParameters {
    NdisObjectHeader header;
    std::uint8_t ipv4_checksum;
    std::uint8_t tcp_ipv4_checksum;
    std::uint8_t udp_ipv4_checksum;
    std::uint8_t tcp_ipv6_checksum;
    std::uint8_t udp_ipv6_checksum;
    std::uint8_t lso_v1;
    std::uint8_t ipsec_v1;
    std::uint8_t lso_v2_ipv4;
    std::uint8_t lso_v2_ipv6;
    std::uint8_t tcp_connection_ipv4;
    std::uint8_t tcp_connection_ipv6;
    std::uint8_t reserved;
    std::uint32_t flags;
};
static_assert(WireType<NdisOffloadParameters> && sizeof(NdisOffloadParameters) == 20);
static_assert(offsetof(NdisOffloadParameters, lso_v2_ipv4) == 11);
static_assert(offsetof(NdisOffloadParameters, flags) == 16);
/// What revision 3 has behind the flags: IPsec v2 and coalescing on receive, by IP version.
struct NdisOffloadParametersTail {
    std::uint8_t ipsec_v2;
    std::uint8_t ipsec_v2_ipv4;
    std::uint8_t rsc_ipv4;
    std::uint8_t rsc_ipv6;
    std::uint8_t encapsulated_packets;
    std::uint8_t encapsulation_types;
    std::uint8_t reserved[2];
};
static_assert(WireType<NdisOffloadParametersTail> && sizeof(NdisOffloadParametersTail) == 8);
inline constexpr std::uint8_t kNdisRscOff = 1;
inline constexpr std::uint8_t kNdisRscOn = 2;

/// From revision 2 on: two settings of kNdisLsoOff and kNdisLsoOn, for IPv4 and IPv6
/// (Linux hyperv_net.h, struct ndis_offload_params).
inline constexpr std::size_t kNdisOffloadParametersRscAt = 22;

struct NdisEncapsulation {
    NdisObjectHeader header;
    std::uint32_t ipv4_enabled;
    std::uint32_t ipv4_type;
    std::uint32_t ipv4_header_size;
    std::uint32_t ipv6_enabled;
    std::uint32_t ipv6_type;
    std::uint32_t ipv6_header_size;
};
static_assert(WireType<NdisEncapsulation> && sizeof(NdisEncapsulation) == 28);

struct NdisLinkState {
    NdisObjectHeader header;
    std::uint32_t connect_state;  ///< 1 connected, 2 disconnected
    std::uint32_t duplex_state;
    std::uint32_t padding;
    std::uint64_t xmit_link_speed;  ///< bits per second
    std::uint64_t receive_link_speed;
    std::uint32_t pause_functions;
    std::uint32_t auto_negotiation;
};
static_assert(WireType<NdisLinkState> && sizeof(NdisLinkState) == 40);

/// Frames and bytes of one direction by destination address: directed, multicast, broadcast.
using NdisByKind = std::uint64_t[3];

/// NDIS_STATISTICS_INFO. "In" is what the guest receives.
struct NdisStatistics {
    NdisObjectHeader header;
    std::uint32_t supported;
    std::uint64_t in_discards;
    std::uint64_t in_errors;
    std::uint64_t in_bytes;
    NdisByKind in_frames;
    std::uint64_t out_bytes;
    NdisByKind out_frames;
    std::uint64_t out_errors;
    std::uint64_t out_discards;
    NdisByKind in_bytes_by_kind;
    NdisByKind out_bytes_by_kind;
};
static_assert(WireType<NdisStatistics> && sizeof(NdisStatistics) == 152);
static_assert(offsetof(NdisStatistics, out_bytes) == 56);
static_assert(offsetof(NdisStatistics, out_errors) == 88);
static_assert(offsetof(NdisStatistics, in_bytes_by_kind) == 104);

struct NdisInterruptModeration {
    NdisObjectHeader header;
    std::uint32_t flags;
    std::uint32_t moderation;  ///< 1: not supported
};
static_assert(WireType<NdisInterruptModeration> && sizeof(NdisInterruptModeration) == 12);

/// NDIS_RECEIVE_SCALE_CAPABILITIES, revision 2, padded to 20 here; 18 bytes go on the wire.
struct NdisRssCapabilities {
    NdisObjectHeader header;
    std::uint32_t capabilities;
    std::uint32_t interrupt_messages;
    std::uint32_t receive_queues;
    std::uint16_t table_entries;
    std::uint16_t padding;
};
static_assert(WireType<NdisRssCapabilities> && sizeof(NdisRssCapabilities) == 20);
inline constexpr std::size_t kNdisRssCapabilitiesBytes = 18;
inline constexpr std::size_t kNdisRssCapabilitiesBytesRev1 = 16;

/// NDIS_RECEIVE_SCALE_PARAMETERS; table and key follow at the offsets it names.
struct NdisRssParameters {
    NdisObjectHeader header;
    std::uint16_t flags;
    std::uint16_t base_cpu;
    std::uint32_t hash_information;
    std::uint16_t table_size;  ///< bytes
    std::uint16_t reserved1;
    std::uint32_t table_offset;
    std::uint16_t key_size;
    std::uint16_t reserved2;
    std::uint32_t key_offset;
    std::uint32_t processor_masks_offset;
    std::uint32_t processor_masks;
    std::uint32_t processor_mask_entry_size;
    std::uint32_t default_processor;
};
static_assert(WireType<NdisRssParameters> && sizeof(NdisRssParameters) == 44);
static_assert(offsetof(NdisRssParameters, hash_information) == 8);
static_assert(offsetof(NdisRssParameters, table_offset) == 16);
static_assert(offsetof(NdisRssParameters, key_size) == 20);
static_assert(offsetof(NdisRssParameters, key_offset) == 24);
inline constexpr std::uint16_t kNdisRssDisable = 0x10;
inline constexpr std::size_t kRssKeyBytes = 40;

enum NdisHash : std::uint32_t {
    kNdisHashToeplitz = 1,
    kNdisHashIpv4 = 0x100,
    kNdisHashTcpIpv4 = 0x200,
    kNdisHashIpv6 = 0x400,
    kNdisHashIpv6Ex = 0x800,
    kNdisHashTcpIpv6 = 0x1000,
    kNdisHashTcpIpv6Ex = 0x2000,
    kNdisHashUdpIpv4 = 0x4000,
    kNdisHashUdpIpv6 = 0x8000,
    kNdisHashUdpIpv6Ex = 0x10000,
};

/// Packet filter bits (OID_GEN_CURRENT_PACKET_FILTER). Zero: the host holds everything back.
enum NdisPacketFilter : std::uint32_t {
    kNdisFilterDirected = 0x01,
    kNdisFilterMulticast = 0x02,
    kNdisFilterAllMulticast = 0x04,
    kNdisFilterBroadcast = 0x08,
    kNdisFilterPromiscuous = 0x20,
};

}  // namespace vmbus::wire
