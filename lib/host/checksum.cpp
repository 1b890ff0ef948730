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

std::size_t be16_at(base::Bytes bytes, std::size_t at) noexcept {
    return std::to_integer<std::size_t>(bytes[at]) << 8 |
           std::to_integer<std::size_t>(bytes[at + 1]);
}

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
    const std::size_t end = v6 ? kEthernetBytes + kIpv6Bytes + be16_at(frame, kEthernetBytes + 4)
                               : kEthernetBytes + be16_at(frame, kEthernetBytes + 2);
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

}  // namespace

std::uint32_t add_to_sum(std::uint32_t sum, base::Bytes bytes) noexcept {
    std::uint64_t wide = sum;
    std::size_t at = 0;
    for (; bytes.size() - at >= 4; at += 4) {
        wide += base::load_at<std::uint32_t>(bytes, at);
    }
    std::array<std::byte, 4> rest{};
    std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), rest.begin());
    wide += base::load_at<std::uint32_t>(rest, 0);
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

}  // namespace vmbus::host
