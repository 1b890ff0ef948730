// RNDIS messages, control and data. Every message starts with {type, length}; offsets inside a
// message count from the field after these 8 bytes.
// Source: MS-RNDIS 2.2; hosts' choices as in OpenVMM netvsp/rndisprot.rs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/wire_type.hpp"

namespace vmbus::wire {

enum class RndisType : std::uint32_t {
    kPacket = 1,
    kInitialize = 2,
    kHalt = 3,
    kQuery = 4,
    kSet = 5,
    kReset = 6,
    kIndicateStatus = 7,
    kKeepalive = 8,
    kInitializeComplete = 0x80000002,
    kQueryComplete = 0x80000004,
    kSetComplete = 0x80000005,
    kResetComplete = 0x80000006,
    kKeepaliveComplete = 0x80000008,
};

enum class RndisStatus : std::uint32_t {
    kSuccess = 0,
    kBufferOverflow = 0x80000005,
    kFailure = 0xC0000001,
    kResources = 0xC000009A,
    kNotSupported = 0xC00000BB,
    kBadVersion = 0xC0010004,
    kInvalidLength = 0xC0010014,
    kInvalidData = 0xC0010015,
    kBufferTooShort = 0xC0010016,
    kMediaConnect = 0x4001000B,
    kMediaDisconnect = 0x4001000C,
    kLinkSpeedChange = 0x40010013,
    kOffloadCurrentConfig = 0x40020006,
};

struct RndisHeader {
    std::uint32_t type;    ///< RndisType
    std::uint32_t length;  ///< whole message, these 8 bytes included
};
static_assert(WireType<RndisHeader> && sizeof(RndisHeader) == 8);

struct RndisInitialize {
    RndisHeader header;
    std::uint32_t request_id;
    std::uint32_t major;
    std::uint32_t minor;
    std::uint32_t max_transfer_size;
};
static_assert(WireType<RndisInitialize> && sizeof(RndisInitialize) == 24);

struct RndisInitializeComplete {
    RndisHeader header;
    std::uint32_t request_id;
    std::uint32_t status;
    std::uint32_t major;
    std::uint32_t minor;
    std::uint32_t device_flags;             ///< 1: connectionless
    std::uint32_t medium;                   ///< 0: 802.3
    std::uint32_t max_packets_per_message;  ///< the host says 8
    std::uint32_t max_transfer_size;
    std::uint32_t packet_alignment_factor;  ///< power of two: 3 means 8 bytes
    std::uint32_t af_list_offset;
    std::uint32_t af_list_size;
};
static_assert(WireType<RndisInitializeComplete> && sizeof(RndisInitializeComplete) == 52);

struct RndisHalt {
    RndisHeader header;
    std::uint32_t request_id;
};
static_assert(WireType<RndisHalt> && sizeof(RndisHalt) == 12);

struct RndisQuery {
    RndisHeader header;
    std::uint32_t request_id;
    std::uint32_t oid;
    std::uint32_t info_length;
    std::uint32_t info_offset;
    std::uint32_t vc_handle;
};
static_assert(WireType<RndisQuery> && sizeof(RndisQuery) == 28);

using RndisSet = RndisQuery;
/// Where the information buffer of QUERY and SET starts, counted from request_id. Hosts ignore
/// info_offset and take the bytes right after the request, so it must be there.
inline constexpr std::uint32_t kRndisRequestInfoOffset = 20;

struct RndisQueryComplete {
    RndisHeader header;
    std::uint32_t request_id;
    std::uint32_t status;
    std::uint32_t info_length;
    std::uint32_t info_offset;  ///< 16 when the host has something to say
};
static_assert(WireType<RndisQueryComplete> && sizeof(RndisQueryComplete) == 24);
inline constexpr std::uint32_t kRndisQueryInfoOffset = 16;

struct RndisSetComplete {
    RndisHeader header;
    std::uint32_t request_id;
    std::uint32_t status;
};
static_assert(WireType<RndisSetComplete> && sizeof(RndisSetComplete) == 16);

using RndisKeepalive = RndisHalt;
using RndisKeepaliveComplete = RndisSetComplete;

struct RndisIndicateStatus {
    RndisHeader header;
    std::uint32_t status;  ///< RndisStatus
    std::uint32_t buffer_length;
    std::uint32_t buffer_offset;
};
static_assert(WireType<RndisIndicateStatus> && sizeof(RndisIndicateStatus) == 20);

/// A data packet: this, the per-packet info, the frame.
struct RndisPacket {
    RndisHeader header;
    std::uint32_t data_offset;
    std::uint32_t data_length;
    std::uint32_t oob_offset;
    std::uint32_t oob_length;
    std::uint32_t oob_count;
    std::uint32_t ppi_offset;
    std::uint32_t ppi_length;
    std::uint32_t vc_handle;
    std::uint32_t reserved;
};
static_assert(WireType<RndisPacket> && sizeof(RndisPacket) == 44);
static_assert(offsetof(RndisPacket, data_offset) == 8);
static_assert(offsetof(RndisPacket, ppi_offset) == 28);
static_assert(offsetof(RndisPacket, reserved) == 40);

/// Offsets in a message count from here.
inline constexpr std::uint32_t kRndisOffsetBase = sizeof(RndisHeader);
/// Largest control message that fits one of the host's request slots and one guest page.
inline constexpr std::uint32_t kMaxRndisControl = 4096;

}  // namespace vmbus::wire
