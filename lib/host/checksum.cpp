#include "host/checksum.hpp"

#include <algorithm>
#include <array>

#include "wire/rndis_ppi.hpp"

namespace vmbus::host {
namespace {

constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kIpv4Bytes = 20;
constexpr std::size_t kIpv6Bytes = 40;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;

/// Where a transport protocol keeps its checksum, and the least header it needs.
struct Transport {
    std::uint8_t protocol;
    std::size_t checksum_at;
    std::size_t header_bytes;
};
constexpr Transport kTcpTransport{kTcp, 16, 20};
constexpr Transport kUdpTransport{kUdp, 6, 8};

unsigned ip_version(base::Bytes frame) noexcept {
    return std::to_integer<unsigned>(frame[kEthernetBytes]) >> 4;
}

void store_sum(base::MutableBytes frame, std::size_t at, std::uint32_t sum) noexcept {
    base::store_at(frame, at, fold_sum(sum));
}

bool complete_ip_header(base::MutableBytes frame) noexcept {
    const std::size_t bytes = (std::to_integer<std::size_t>(frame[kEthernetBytes]) & 15U) * 4;
    if (bytes < kIpv4Bytes || frame.size() - kEthernetBytes < bytes) {
        return false;
    }
    const auto header = frame.subspan(kEthernetBytes, bytes);
    base::store_at(header, 10, std::uint16_t{0});
    store_sum(header, 10, add_to_sum(0, header));
    return true;
}

/// Addresses, protocol and length, as if they stood before the segment.
std::uint32_t pseudo_header(base::Bytes frame, bool v6, const Transport& transport,
                            std::size_t segment_bytes) noexcept {
    const auto addresses =
        v6 ? frame.subspan(kEthernetBytes + 8, 32) : frame.subspan(kEthernetBytes + 12, 8);
    const std::array<std::byte, 4> tail{std::byte{0}, std::byte{transport.protocol},
                                        static_cast<std::byte>(segment_bytes >> 8),
                                        static_cast<std::byte>(segment_bytes)};
    return add_to_sum(add_to_sum(0, addresses), tail);
}

/// The segment ends where the IP header says, not with the padding of a short frame.
std::size_t ip_end(base::Bytes frame, bool v6) noexcept {
    const std::size_t end =
        v6 ? kEthernetBytes + kIpv6Bytes + base::load_be16(frame, kEthernetBytes + 4)
           : kEthernetBytes + base::load_be16(frame, kEthernetBytes + 2);
    return std::min(end, frame.size());
}

bool complete_transport(base::MutableBytes frame, bool v6, const Transport& transport,
                        std::size_t offset) noexcept {
    const std::size_t least = kEthernetBytes + (v6 ? kIpv6Bytes : kIpv4Bytes);
    const std::size_t at = offset == 0 ? least : offset;
    const std::size_t end = ip_end(frame, v6);
    if (at < least || at >= end || end - at < transport.header_bytes) {
        return false;
    }
    const auto segment = frame.subspan(at, end - at);
    base::store_at(segment, transport.checksum_at, std::uint16_t{0});
    const std::uint32_t sum =
        add_to_sum(pseudo_header(frame, v6, transport, segment.size()), segment);
    std::uint16_t checksum = fold_sum(sum);
    if (transport.protocol == kUdp && checksum == 0) {
        checksum = 0xFFFF;  // zero would say that there is none
    }
    base::store_at(segment, transport.checksum_at, checksum);
    return true;
}

/// What follows an IP header that could be understood.
struct Segment {
    base::Bytes bytes;
    std::uint8_t protocol = 0;
};

constexpr std::uint32_t verdict(bool good, wire::RxChecksum is_good,
                                wire::RxChecksum is_bad) noexcept {
    return good ? is_good : is_bad;
}

std::uint32_t verify_transport(base::Bytes frame, bool v6, const Segment& segment, bool tcp_wanted,
                               bool udp_wanted) noexcept {
    const bool tcp = segment.protocol == kTcp;
    if (!(tcp ? tcp_wanted : segment.protocol == kUdp && udp_wanted)) {
        return 0;
    }
    const Transport& transport = tcp ? kTcpTransport : kUdpTransport;
    base::Bytes bytes = segment.bytes;
    if (bytes.size() < transport.header_bytes) {
        return 0;
    }
    if (!tcp) {
        const std::size_t length = base::load_be16(bytes, 4);
        if (length < transport.header_bytes || length > bytes.size()) {
            return 0;
        }
        bytes = bytes.first(length);
        if (base::load_be16(bytes, transport.checksum_at) == 0) {
            return v6 ? wire::kRxUdpBad : 0U;  // IPv6 has no UDP without a checksum (RFC 8200 8.1)
        }
    }
    const bool good =
        fold_sum(add_to_sum(pseudo_header(frame, v6, transport, bytes.size()), bytes)) == 0;
    return tcp ? verdict(good, wire::kRxTcpGood, wire::kRxTcpBad)
               : verdict(good, wire::kRxUdpGood, wire::kRxUdpBad);
}

std::uint32_t verify_ipv4(base::Bytes frame, const ReceiveChecks& checks) noexcept {
    constexpr std::size_t kMoreFragmentsAndOffset = 0x3FFF;
    if (frame.size() < kEthernetBytes + kIpv4Bytes || ip_version(frame) != 4) {
        return 0;
    }
    const std::size_t header = (std::to_integer<std::size_t>(frame[kEthernetBytes]) & 15U) * 4;
    const std::size_t total = base::load_be16(frame, kEthernetBytes + 2);
    if (header < kIpv4Bytes || total < header || frame.size() - kEthernetBytes < total) {
        return 0;
    }
    const base::Bytes packet = frame.subspan(kEthernetBytes, total);
    std::uint32_t found = 0;
    if (checks.ipv4) {
        found = verdict(fold_sum(add_to_sum(0, packet.first(header))) == 0, wire::kRxIpGood,
                        wire::kRxIpBad);
    }
    if ((base::load_be16(packet, 6) & kMoreFragmentsAndOffset) != 0) {
        return found;
    }
    const Segment segment{packet.subspan(header), std::to_integer<std::uint8_t>(packet[9])};
    return found | verify_transport(frame, false, segment, checks.tcp_ipv4, checks.udp_ipv4);
}

std::uint32_t verify_ipv6(base::Bytes frame, const ReceiveChecks& checks) noexcept {
    if (frame.size() < kEthernetBytes + kIpv6Bytes || ip_version(frame) != 6) {
        return 0;
    }
    const base::Bytes rest = frame.subspan(kEthernetBytes + kIpv6Bytes);
    const std::size_t length = base::load_be16(frame, kEthernetBytes + 4);
    if (length > rest.size()) {
        return 0;
    }
    const Segment segment{rest.first(length),
                          std::to_integer<std::uint8_t>(frame[kEthernetBytes + 6])};
    return verify_transport(frame, true, segment, checks.tcp_ipv6, checks.udp_ipv6);
}

}  // namespace

std::uint32_t add_to_sum(std::uint32_t sum, base::Bytes bytes) noexcept {
    // Two sums that do not wait for each other; neither can overflow.
    std::uint64_t even = sum;
    std::uint64_t odd = 0;
    const auto add = [&](std::uint64_t eight) {
        even += eight & 0xFFFFFFFF;
        odd += eight >> 32;
    };
    std::size_t at = 0;
    for (; bytes.size() - at >= 8; at += 8) {
        add(base::load_at<std::uint64_t>(bytes, at));
    }
    std::array<std::byte, 8> rest{};
    std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), rest.begin());
    add(base::load_at<std::uint64_t>(rest, 0));
    std::uint64_t wide = even + odd;
    while (wide >> 32 != 0) {
        wide = (wide & 0xFFFFFFFF) + (wide >> 32);
    }
    return static_cast<std::uint32_t>(wide);
}

std::uint16_t fold_sum(std::uint32_t sum) noexcept {
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

bool complete_checksums(base::MutableBytes frame, std::uint32_t request) noexcept {
    const bool v4 = (request & wire::kTxChecksumIpv4) != 0;
    const bool v6 = (request & wire::kTxChecksumIpv6) != 0;
    const bool tcp = (request & wire::kTxChecksumTcp) != 0;
    const bool udp = (request & wire::kTxChecksumUdp) != 0;
    // The IP header bit counts only together with IPv4.
    const bool ip_header = v4 && (request & wire::kTxChecksumIpHeader) != 0;
    if (!tcp && !udp && !ip_header) {
        return true;
    }
    const std::size_t least = kEthernetBytes + (v6 ? kIpv6Bytes : kIpv4Bytes);
    if (v4 == v6 || frame.size() < least || ip_version(frame) != (v4 ? 4U : 6U)) {
        return false;
    }
    if (ip_header && !complete_ip_header(frame)) {
        return false;
    }
    const std::size_t offset =
        request >> wire::kTxChecksumOffsetShift & wire::kTxChecksumOffsetMask;
    // TCP wins over UDP, as on the host that this mirrors.
    return (!tcp && !udp) ||
           complete_transport(frame, v6, tcp ? kTcpTransport : kUdpTransport, offset);
}

std::uint32_t verify_checksums(base::Bytes frame, const ReceiveChecks& checks) noexcept {
    constexpr std::size_t kIpv4Type = 0x0800;
    constexpr std::size_t kIpv6Type = 0x86DD;
    if (frame.size() < kEthernetBytes) {
        return 0;
    }
    switch (base::load_be16(frame, kEthernetBytes - 2)) {
        case kIpv4Type: return verify_ipv4(frame, checks);
        case kIpv6Type: return verify_ipv6(frame, checks);
        default: return 0;
    }
}

}  // namespace vmbus::host
