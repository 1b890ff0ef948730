#include "host/coalescing.hpp"

#include <algorithm>

#include "host/checksum.hpp"
#include "host/offload_config.hpp"
#include "host/vlan_tag.hpp"
#include "wire/rndis_ppi.hpp"

namespace vmbus::host {
namespace {

constexpr std::size_t kIpv4Bytes = 20;
constexpr std::size_t kIpv6Bytes = 40;
constexpr std::size_t kTcpBytes = 20;
constexpr std::size_t kMostIpLength = 65535;
constexpr unsigned kAck = 0x10;
constexpr unsigned kPush = 0x08;

bool same(base::Bytes a, base::Bytes b, std::size_t at, std::size_t size) noexcept {
    return std::equal(a.begin() + static_cast<std::ptrdiff_t>(at),
                      a.begin() + static_cast<std::ptrdiff_t>(at + size),
                      b.begin() + static_cast<std::ptrdiff_t>(at));
}

/// IP and TCP were verified: their lengths fit the frame.
bool sums_are_right(base::Bytes frame, bool v6) noexcept {
    const std::uint32_t found = verify_checksums(frame, ReceiveChecks{});
    const std::uint32_t wanted = v6 ? wire::kRxTcpGood : wire::kRxTcpGood | wire::kRxIpGood;
    return found == wanted;
}

/// What follows the Ethernet header to the end of the IP packet.
std::size_t ip_bytes_of(base::Bytes frame, bool v6) noexcept {
    return v6 ? kIpv6Bytes + base::load_be16(frame, kEthernetBytes + 4)
              : base::load_be16(frame, kEthernetBytes + 2);
}

/// Addresses, type of service, time to live, flags; not lengths, identification, checksum.
bool same_ip(base::Bytes a, base::Bytes b, bool v6) noexcept {
    constexpr std::size_t kIp = kEthernetBytes;
    return same(a, b, 0, kIp) &&
           (v6 ? same(a, b, kIp, 4) && same(a, b, kIp + 6, kIpv6Bytes - 6)
               : same(a, b, kIp, 2) && same(a, b, kIp + 6, 4) && same(a, b, kIp + 12, 8));
}

}  // namespace

std::optional<TcpSegment> coalescible(base::Bytes frame) noexcept {
    constexpr std::size_t kLeast = kEthernetBytes + kIpv4Bytes + kTcpBytes;
    if (frame.size() < kLeast) {
        return std::nullopt;
    }
    TcpSegment segment;
    segment.v6 = base::load_be16(frame, kEthernetBytes - 2) == 0x86DD;
    segment.tcp_offset = kEthernetBytes + (segment.v6 ? kIpv6Bytes : kIpv4Bytes);
    const bool options = !segment.v6 && frame[kEthernetBytes] != std::byte{0x45};
    if (options || !sums_are_right(frame, segment.v6)) {
        return std::nullopt;
    }
    const auto tcp = frame.subspan(segment.tcp_offset);
    const auto flags = std::to_integer<unsigned>(tcp[13]);
    const std::size_t tcp_bytes = std::to_integer<std::size_t>(tcp[12]) >> 4 << 2;
    const std::size_t end = kEthernetBytes + ip_bytes_of(frame, segment.v6);
    segment.header_bytes = segment.tcp_offset + tcp_bytes;
    if ((flags & ~kPush) != kAck || tcp_bytes < kTcpBytes || end <= segment.header_bytes) {
        return std::nullopt;
    }
    segment.payload_bytes = end - segment.header_bytes;
    segment.sequence = __builtin_bswap32(base::load_at<std::uint32_t>(tcp, 4));
    segment.pushed = (flags & kPush) != 0;
    return segment;
}

bool continues(base::Bytes first, const TcpSegment& first_segment, std::size_t unit_payload,
               base::Bytes next, const TcpSegment& segment) noexcept {
    const std::size_t tcp = first_segment.tcp_offset;
    const std::size_t headers = first_segment.header_bytes;
    return segment.v6 == first_segment.v6 && segment.header_bytes == headers &&
           segment.sequence == first_segment.sequence + static_cast<std::uint32_t>(unit_payload) &&
           headers - kEthernetBytes + unit_payload + segment.payload_bytes <= kMostIpLength &&
           same_ip(first, next, segment.v6) && same(first, next, tcp, 4) &&
           same(first, next, tcp + kTcpBytes, headers - tcp - kTcpBytes);
}

void become_unit(base::MutableBytes first, const TcpSegment& first_segment,
                 std::size_t unit_payload, base::Bytes last_header) noexcept {
    const std::size_t tcp = first_segment.tcp_offset;
    const std::size_t ip = first_segment.v6 ? kEthernetBytes + kIpv6Bytes : kEthernetBytes;
    const std::size_t length = first_segment.header_bytes - ip + unit_payload;
    base::store_at(first, kEthernetBytes + (first_segment.v6 ? 4 : 2),
                   __builtin_bswap16(static_cast<std::uint16_t>(length)));
    // Acknowledgement, then behind the length of the header: flags and window.
    base::store_at(first, tcp + 8, base::load_at<std::uint32_t>(last_header, tcp + 8));
    base::store_at(first, tcp + 14, base::load_at<std::uint16_t>(last_header, tcp + 14));
    first[tcp + 13] |= last_header[tcp + 13];
}

}  // namespace vmbus::host
