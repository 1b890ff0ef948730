// Record: what crosses the rings of a host, as a file: `vmbus-host run --record FILE`, read by
// vmbus-dump. It is a pcap file with nanoseconds and link type USER0, so that any capture tool can
// list and cut it; each of its packets is a RecordHeader, the packet as it lay in the ring without
// its footer, and then the bytes that the packet pointed to (a send section, pages, pieces of the
// receive buffer), in the order in which it names them.
// Pure values, any thread. Docs: docs/emulator.md, "Recording".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace vmbus::host {

enum class RecordKind : std::uint8_t {
    kNic = 1,        ///< once for each NIC, first: its specification as text
    kOpened = 2,     ///< the guest opened a channel
    kClosed = 3,     ///< and let go of it
    kFromGuest = 4,  ///< a packet, as the host read it
    kToGuest = 5,    ///< a packet, as the host wrote it
};

struct RecordHeader {
    std::uint8_t version;  ///< kRecordVersion
    std::uint8_t kind;     ///< RecordKind
    std::uint8_t nic;      ///< number of the NIC, from 0
    std::uint8_t reserved;
    std::uint16_t channel;  ///< 0 is the primary one
    std::uint16_t reserved2;
    std::uint32_t packet_bytes;
    std::uint32_t data_bytes;  ///< the file may hold fewer: kMostRecordBytes
};
static_assert(sizeof(RecordHeader) == 16);
static_assert(offsetof(RecordHeader, packet_bytes) == 8);

inline constexpr std::uint8_t kRecordVersion = 1;
/// LINKTYPE_USER0 of the pcap format.
inline constexpr int kRecordLinkType = 147;
/// The largest packet that libpcap reads back (pcap(3), MAXIMUM_SNAPLEN). Longer data is cut off.
inline constexpr std::size_t kMostRecordBytes = 262144;

/// Where a record belongs.
struct RecordPlace {
    std::uint8_t nic = 0;
    std::uint16_t channel = 0;
};

struct Record {
    RecordKind kind{};
    RecordPlace place;
    std::uint64_t time_ns = 0;  ///< since the epoch
    base::Bytes packet;
    base::Bytes data;
    std::uint32_t data_cut_off = 0;  ///< bytes of data that the file does not hold
};

/// One packet of a record file taken apart; the spans lie in `bytes`. Nothing when it is none.
std::optional<Record> parse_record(base::Bytes bytes, std::uint64_t time_ns) noexcept;

}  // namespace vmbus::host
