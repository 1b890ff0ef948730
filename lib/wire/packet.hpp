// Packets as they lie in a ring: a descriptor, a header by type, the payload, an 8-byte footer.
// Lengths with an 8 in their name count 8-byte units.
// Source: Linux include/linux/hyperv.h (struct vmpacket_descriptor and what follows it).
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/wire_type.hpp"

namespace vmbus::wire {

enum class PacketType : std::uint16_t {
    kInBand = 6,
    kTransferPages = 7,
    kGpaDirect = 9,
    kCompletion = 11,
};

inline constexpr std::uint16_t kCompletionRequested = 1;  ///< the only flag a packet may carry

struct PacketDescriptor {
    std::uint16_t type;          ///< PacketType
    std::uint16_t data_offset8;  ///< of the payload from the packet's start; at least 2
    std::uint16_t length8;       ///< descriptor to end of payload, without the footer
    std::uint16_t flags;
    std::uint64_t transaction_id;
};
static_assert(WireType<PacketDescriptor> && sizeof(PacketDescriptor) == 16);
static_assert(offsetof(PacketDescriptor, data_offset8) == 2);
static_assert(offsetof(PacketDescriptor, length8) == 4);
static_assert(offsetof(PacketDescriptor, flags) == 6);
static_assert(offsetof(PacketDescriptor, transaction_id) == 8);

struct TransferPagesHeader {
    std::uint16_t pageset_id;  ///< the id under which the receive buffer was handed over
    std::uint16_t reserved;    ///< may be garbage
    std::uint32_t range_count;
};
static_assert(WireType<TransferPagesHeader> && sizeof(TransferPagesHeader) == 8);
static_assert(offsetof(TransferPagesHeader, range_count) == 4);

struct TransferPageRange {
    std::uint32_t byte_count;
    std::uint32_t byte_offset;  ///< into the buffer that pageset_id names
};
static_assert(WireType<TransferPageRange> && sizeof(TransferPageRange) == 8);
static_assert(offsetof(TransferPageRange, byte_offset) == 4);

struct GpaDirectHeader {
    std::uint32_t reserved;  ///< may be garbage
    std::uint32_t range_count;
};
static_assert(WireType<GpaDirectHeader> && sizeof(GpaDirectHeader) == 8);
static_assert(offsetof(GpaDirectHeader, range_count) == 4);

/// Followed by one u64 page number for each page that the range touches.
struct GpaRangeHeader {
    std::uint32_t byte_count;
    std::uint32_t byte_offset;  ///< into the first page; at most 4095
};
static_assert(WireType<GpaRangeHeader> && sizeof(GpaRangeHeader) == 8);
static_assert(offsetof(GpaRangeHeader, byte_offset) == 4);

struct PacketFooter {
    std::uint32_t reserved;
    std::uint32_t start;  ///< ring offset of the packet that ends here
};
static_assert(WireType<PacketFooter> && sizeof(PacketFooter) == 8);
static_assert(offsetof(PacketFooter, start) == 4);

/// Most ranges that one transfer-page packet carries: 375, or 562 with receive coalescing.
inline constexpr std::uint32_t kMaxTransferRanges = 562;

}  // namespace vmbus::wire
