// NVSP: the messages by which a netvsc guest and the host's network service set up a NIC and pass
// RNDIS messages. Each message starts with a u32 type. Success is 1, not 0.
// Source: Linux drivers/net/hyperv/hyperv_net.h (nvsp_*), OpenVMM netvsp/protocol.rs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/wire_type.hpp"

namespace vmbus::wire {

enum class NvspVersion : std::uint32_t {
    kV1 = 0x00000002,
    kV2 = 0x00030002,
    kV4 = 0x00040000,
    kV5 = 0x00050000,
    kV6 = 0x00060000,
    kV61 = 0x00060001,
};

/// All versions, newest first: the order in which a guest tries them.
inline constexpr NvspVersion kNvspVersions[] = {NvspVersion::kV61, NvspVersion::kV6,
                                                NvspVersion::kV5,  NvspVersion::kV4,
                                                NvspVersion::kV2,  NvspVersion::kV1};

enum class NvspType : std::uint32_t {
    kInit = 1,
    kInitComplete = 2,
    kSendNdisVersion = 100,
    kSendReceiveBuffer = 101,
    kSendReceiveBufferComplete = 102,
    kRevokeReceiveBuffer = 103,
    kSendSendBuffer = 104,
    kSendSendBufferComplete = 105,
    kRevokeSendBuffer = 106,
    kSendRndisPacket = 107,
    kSendRndisPacketComplete = 108,
    kSendNdisConfig = 125,
    kSendVfAssociation = 128,
    kSwitchDataPath = 129,
    kOidQueryEx = 131,
    kOidQueryExComplete = 132,
    kSubChannel = 133,
    kSendIndirectionTable = 134,
};

enum class NvspStatus : std::uint32_t {
    kNone = 0,
    kSuccess = 1,
    kFailure = 2,
    kProtocolTooNew = 3,
    kProtocolTooOld = 4,
    kInvalidRndisPacket = 5,
    kBusy = 6,
    kVersionUnsupported = 7,
};

/// Bits of NvspSendNdisConfig::capabilities.
enum NvspCapability : std::uint64_t {
    kNvspCapVmq = 1U << 0,
    kNvspCapChimney = 1U << 1,
    kNvspCapSriov = 1U << 2,
    kNvspCapIeee8021q = 1U << 3,
    kNvspCapCorrelationId = 1U << 4,
    kNvspCapTeaming = 1U << 5,
    kNvspCapVirtualSubnetId = 1U << 6,
    kNvspCapRsc = 1U << 7,
};

/// Payload bytes of a host message up to 6.0 (28 rounded up to 8), and from 6.1 on.
inline constexpr std::size_t kNvspHostMessageBytes = 32;
inline constexpr std::size_t kNvspHostMessageBytesV61 = 40;
/// What every guest request occupies: Linux and DPDK send 40 bytes whatever the version.
inline constexpr std::size_t kNvspGuestMessageBytes = 40;

inline constexpr std::uint32_t kNoSendSection = 0xFFFFFFFF;
inline constexpr std::uint32_t kNvspChannelData = 0;
inline constexpr std::uint32_t kNvspChannelControl = 1;
/// Ids under which Linux and DPDK hand over the buffers; any number would do.
inline constexpr std::uint16_t kReceiveBufferId = 0xCAFE;
inline constexpr std::uint16_t kSendBufferId = 0;

struct NvspHeader {
    std::uint32_t type;  ///< NvspType
};
static_assert(WireType<NvspHeader> && sizeof(NvspHeader) == 4);

struct NvspInit {
    std::uint32_t type;
    std::uint32_t protocol_version;
    std::uint32_t protocol_version2;  ///< Linux sends the same number again; hosts ignore it
};
static_assert(WireType<NvspInit> && sizeof(NvspInit) == 12);
static_assert(offsetof(NvspInit, protocol_version) == 4);

struct NvspInitComplete {
    std::uint32_t type;
    std::uint32_t negotiated_version;  ///< deprecated: 2 if V1 was chosen, else all ones
    std::uint32_t max_mdl_chain_length;
    std::uint32_t status;  ///< NvspStatus
};
static_assert(WireType<NvspInitComplete> && sizeof(NvspInitComplete) == 16);
static_assert(offsetof(NvspInitComplete, status) == 12);

struct NvspSendNdisVersion {
    std::uint32_t type;
    std::uint32_t major;
    std::uint32_t minor;
};
static_assert(WireType<NvspSendNdisVersion> && sizeof(NvspSendNdisVersion) == 12);

struct NvspSendNdisConfig {
    std::uint32_t type;
    std::uint32_t mtu;  ///< largest frame: includes the 14-byte Ethernet header
    std::uint32_t reserved;
    // In two halves: on the wire it stands at +12, where a u64 would be misaligned.
    std::uint32_t capabilities_low;  ///< NvspCapability
    std::uint32_t capabilities_high;
};
static_assert(WireType<NvspSendNdisConfig> && sizeof(NvspSendNdisConfig) == 20);
static_assert(offsetof(NvspSendNdisConfig, capabilities_low) == 12);

struct NvspSendReceiveBuffer {
    std::uint32_t type;
    std::uint32_t gpadl;
    std::uint16_t id;
    std::uint16_t reserved;
};
static_assert(WireType<NvspSendReceiveBuffer> && sizeof(NvspSendReceiveBuffer) == 12);
static_assert(offsetof(NvspSendReceiveBuffer, id) == 8);

using NvspSendSendBuffer = NvspSendReceiveBuffer;

/// One section of sub-allocations; hosts send exactly one.
struct NvspSendReceiveBufferComplete {
    std::uint32_t type;
    std::uint32_t status;
    std::uint32_t num_sections;
    std::uint32_t offset;
    std::uint32_t sub_allocation_size;
    std::uint32_t num_sub_allocations;
    std::uint32_t end_offset;
};
static_assert(WireType<NvspSendReceiveBufferComplete> &&
              sizeof(NvspSendReceiveBufferComplete) == 28);
static_assert(offsetof(NvspSendReceiveBufferComplete, sub_allocation_size) == 16);
static_assert(offsetof(NvspSendReceiveBufferComplete, end_offset) == 24);

struct NvspRevokeBuffer {
    std::uint32_t type;
    std::uint16_t id;
    std::uint16_t reserved;
};
static_assert(WireType<NvspRevokeBuffer> && sizeof(NvspRevokeBuffer) == 8);

struct NvspSendSendBufferComplete {
    std::uint32_t type;
    std::uint32_t status;
    std::uint32_t section_size;
};
static_assert(WireType<NvspSendSendBufferComplete> && sizeof(NvspSendSendBufferComplete) == 12);

struct NvspSendRndisPacket {
    std::uint32_t type;
    std::uint32_t channel_type;         ///< kNvspChannelData or kNvspChannelControl
    std::uint32_t send_section_index;   ///< kNoSendSection when all bytes are in pages
    std::uint32_t send_section_length;  ///< bytes used in the section
};
static_assert(WireType<NvspSendRndisPacket> && sizeof(NvspSendRndisPacket) == 16);
static_assert(offsetof(NvspSendRndisPacket, send_section_index) == 8);
static_assert(offsetof(NvspSendRndisPacket, send_section_length) == 12);

struct NvspSendRndisPacketComplete {
    std::uint32_t type;
    std::uint32_t status;
};
static_assert(WireType<NvspSendRndisPacketComplete> && sizeof(NvspSendRndisPacketComplete) == 8);

struct NvspSendVfAssociation {
    std::uint32_t type;
    std::uint32_t allocated;
    std::uint32_t serial_number;
};
static_assert(WireType<NvspSendVfAssociation> && sizeof(NvspSendVfAssociation) == 12);

/// NvspSwitchDataPath::active_path.
inline constexpr std::uint32_t kSyntheticPath = 0;
inline constexpr std::uint32_t kVfPath = 1;

struct NvspSwitchDataPath {
    std::uint32_t type;
    std::uint32_t active_path;  ///< 0 synthetic, 1 VF
};
static_assert(WireType<NvspSwitchDataPath> && sizeof(NvspSwitchDataPath) == 8);

struct NvspOidQueryExComplete {
    std::uint32_t type;
    std::uint32_t status;
    std::uint32_t bytes;
};
static_assert(WireType<NvspOidQueryExComplete> && sizeof(NvspOidQueryExComplete) == 12);

struct NvspSubChannelRequest {
    std::uint32_t type;
    std::uint32_t operation;  ///< 1: allocate
    std::uint32_t count;
};
static_assert(WireType<NvspSubChannelRequest> && sizeof(NvspSubChannelRequest) == 12);

struct NvspSubChannelComplete {
    std::uint32_t type;  ///< again kSubChannel
    std::uint32_t status;
    std::uint32_t count;
};
static_assert(WireType<NvspSubChannelComplete> && sizeof(NvspSubChannelComplete) == 12);

/// The table is the last field of the struct only where `offset` says 12, as it should.
struct NvspSendIndirectionTable {
    std::uint32_t type;
    std::uint32_t count;   ///< 16
    std::uint32_t offset;  ///< of the table from the start of this message
    std::uint32_t table[16];
};
static_assert(WireType<NvspSendIndirectionTable> && sizeof(NvspSendIndirectionTable) == 76);
static_assert(offsetof(NvspSendIndirectionTable, table) == 12);

}  // namespace vmbus::wire
