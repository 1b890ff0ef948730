#include "host/gen_frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "host/checksum.hpp"
#include "wire/rndis_ppi.hpp"

namespace vmbus::host {
namespace {

constexpr std::size_t kEthernet = 14;
constexpr std::size_t kAddresses = 12;
constexpr std::size_t kTag = 4;
constexpr std::size_t kIpv4 = 20;
constexpr std::size_t kIpv6 = 40;
constexpr std::size_t kUdp = 8;
constexpr std::size_t kTcp = 20;
constexpr unsigned kUdpProtocol = 17;
constexpr unsigned kTcpProtocol = 6;

void put8(base::MutableBytes frame, std::size_t at, std::size_t value) noexcept {
    frame[at] = static_cast<std::byte>(value);
}

void put16(base::MutableBytes frame, std::size_t at, std::size_t value) noexcept {
    base::store_be16(frame, at, static_cast<std::uint16_t>(value));
}

std::size_t byte_at(base::Bytes frame, std::size_t at) noexcept {
    return std::to_integer<std::size_t>(frame[at]);
}

std::size_t ip_bytes(const GenPortSpec& spec) noexcept {
    return spec.ipv6 ? kIpv6 : kIpv4;
}

void put_ethernet(base::MutableBytes frame, const GenPortSpec& spec) noexcept {
    constexpr MacAddress kSource = {0x02, 0x00, 0x00, 0x67, 0x65, 0x6e};
    std::memcpy(frame.data(), spec.destination.data(), spec.destination.size());
    std::memcpy(frame.data() + 6, kSource.data(), kSource.size());
    put16(frame, 12, spec.ipv6 ? 0x86DD : 0x0800);
}

/// From 198.18.x.y to 198.19.0.1, the addresses for benchmarks (RFC 2544, appendix C.2.2).
void put_ipv4(base::MutableBytes frame, std::size_t flow, unsigned protocol) noexcept {
    put8(frame, kEthernet, 0x45);
    put16(frame, kEthernet + 2, frame.size() - kEthernet);
    put8(frame, kEthernet + 8, 64);
    put8(frame, kEthernet + 9, protocol);
    put16(frame, kEthernet + 12, 0xC612);
    put16(frame, kEthernet + 14, flow + 1);
    put16(frame, kEthernet + 16, 0xC613);
    put16(frame, kEthernet + 18, 1);
}

/// From 2001:2::x to 2001:2:0:1::1, the addresses for benchmarks (RFC 5180, section 8).
void put_ipv6(base::MutableBytes frame, std::size_t flow, unsigned protocol) noexcept {
    put8(frame, kEthernet, 0x60);
    put16(frame, kEthernet + 4, frame.size() - kEthernet - kIpv6);
    put8(frame, kEthernet + 6, protocol);
    put8(frame, kEthernet + 7, 64);
    for (const std::size_t address : {kEthernet + 8, kEthernet + 24}) {
        put16(frame, address, 0x2001);
        put16(frame, address + 2, 0x0002);
    }
    put16(frame, kEthernet + 22, flow + 1);
    put16(frame, kEthernet + 24 + 6, 1);
    put16(frame, kEthernet + 24 + 14, 1);
}

void put_transport(base::MutableBytes frame, std::size_t at, std::size_t flow, bool tcp) noexcept {
    constexpr std::size_t kFirstPort = 0x4000;
    constexpr std::size_t kDiscard = 9;
    put16(frame, at, kFirstPort + flow);
    put16(frame, at + 2, kDiscard);
    if (tcp) {
        put8(frame, at + 12, kTcp / 4 << 4);
        put8(frame, at + 13, 0x10);  // ACK
        put16(frame, at + 14, 0xFFFF);
    } else {
        put16(frame, at + 4, frame.size() - at);
    }
}

std::uint32_t checksum_request(const GenPortSpec& spec) noexcept {
    const std::uint32_t ip =
        spec.ipv6 ? wire::kTxChecksumIpv6 : wire::kTxChecksumIpv4 | wire::kTxChecksumIpHeader;
    return ip | (spec.tcp ? wire::kTxChecksumTcp : wire::kTxChecksumUdp);
}

void insert_tag(std::vector<std::byte>& frame, std::uint16_t vlan) {
    std::array<std::byte, kTag> tag{};
    put16(tag, 0, 0x8100);
    put16(tag, 2, vlan);
    frame.insert(frame.begin() + kAddresses, tag.begin(), tag.end());
}

/// Where the payload of a frame starts that looks like ours; 0 for others. Each byte is read once.
std::size_t payload_offset(base::Bytes frame) noexcept {
    if (frame.size() < kEthernet + kTag + kIpv4) {
        return 0;
    }
    std::size_t type = base::load_be16(frame, kAddresses);
    std::size_t ip = kEthernet;
    if (type == 0x8100) {
        type = base::load_be16(frame, kAddresses + kTag);
        ip += kTag;
    }
    const bool v4 = type == 0x0800 && byte_at(frame, ip) == 0x45;
    if (!v4 && type != 0x86DD) {
        return 0;
    }
    const std::size_t protocol = byte_at(frame, ip + (v4 ? 9U : 6U));
    const std::size_t transport = ip + (v4 ? kIpv4 : kIpv6);
    if (protocol == kUdpProtocol) return transport + kUdp;
    return protocol == kTcpProtocol ? transport + kTcp : 0;
}

}  // namespace

std::size_t gen_header_bytes(const GenPortSpec& spec) noexcept {
    return kEthernet + (spec.vlan ? kTag : 0) + ip_bytes(spec) + (spec.tcp ? kTcp : kUdp);
}

std::vector<std::byte> make_gen_frame(const GenPortSpec& spec, std::size_t length,
                                      std::size_t flow) {
    std::vector<std::byte> frame(length - (spec.vlan ? kTag : 0));
    const unsigned protocol = spec.tcp ? kTcpProtocol : kUdpProtocol;
    const std::size_t transport = kEthernet + ip_bytes(spec);
    put_ethernet(frame, spec);
    spec.ipv6 ? put_ipv6(frame, flow, protocol) : put_ipv4(frame, flow, protocol);
    put_transport(frame, transport, flow, spec.tcp);
    put_mark(frame, transport + (spec.tcp ? kTcp : kUdp), pack({}));
    complete_checksums(frame, checksum_request(spec));
    if (spec.vlan) {
        insert_tag(frame, *spec.vlan);
    }
    return frame;
}

std::optional<GenMark> read_mark(base::Bytes frame) noexcept {
    const std::size_t at = payload_offset(frame);
    if (at == 0 || frame.size() < at || frame.size() - at < GenMark::kBytes) {
        return std::nullopt;
    }
    const PackedMark mark{base::load_at<std::uint64_t>(frame, at),
                          base::load_at<std::uint64_t>(frame, at + 8)};
    if (base::load_at<std::uint16_t>(frame, at + 16) != mark.balance()) {
        return std::nullopt;
    }
    constexpr std::uint64_t kSequence = (std::uint64_t{1} << GenMark::kSequenceBits) - 1;
    constexpr std::uint64_t kFlow = (std::uint64_t{1} << GenMark::kFlowBits) - 1;
    return GenMark{
        .source = static_cast<std::uint8_t>(mark.identity >>
                                            (GenMark::kSequenceBits + GenMark::kFlowBits)),
        .flow = static_cast<std::uint16_t>(mark.identity >> GenMark::kSequenceBits & kFlow),
        .sequence = mark.identity & kSequence,
        .time_ns = mark.time_ns};
}

}  // namespace vmbus::host
