#include "host/rss_hash.hpp"

#include <cstring>
#include <initializer_list>
#include <optional>

namespace vmbus::host {
namespace {

constexpr std::size_t kAddressBytes = 12;
constexpr std::uint16_t kVlan = 0x8100;
constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kIpv6 = 0x86DD;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::size_t kIpv4Bytes = 20;
constexpr std::size_t kIpv6Bytes = 40;
constexpr std::size_t kPortsBytes = 4;
constexpr std::size_t kIpv4Addresses = 12;
constexpr std::size_t kIpv6Addresses = 8;

// IPv6 extension headers (RFC 8200, RFC 6275).
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kDestinationOptions = 60;
constexpr std::uint8_t kHomeAddressOption = 201;
constexpr std::uint8_t kHomeRouting = 2;
constexpr unsigned kMostExtensions = 8;

std::uint8_t byte_at(base::Bytes bytes, std::size_t at) noexcept {
    return std::to_integer<std::uint8_t>(bytes[at]);
}

/// The parts in a row.
base::Bytes joined(RssScratch& scratch, std::initializer_list<base::Bytes> parts) noexcept {
    std::size_t size = 0;
    for (const base::Bytes part : parts) {
        std::memcpy(scratch.data() + size, part.data(), part.size());
        size += part.size();
    }
    return base::Bytes(scratch).first(size);
}

/// The hash types that one IP version has, from what the guest wants.
struct Types {
    std::uint32_t tcp = 0;
    std::uint32_t udp = 0;
    std::uint32_t ip = 0;
};

/// The type of a hash with ports, where they are wanted and there; 0 otherwise.
std::uint32_t type_with_ports(const Types& types, std::uint8_t protocol,
                              base::Bytes payload) noexcept {
    if (payload.size() < kPortsBytes) {
        return 0;
    }
    return protocol == kTcp ? types.tcp : protocol == kUdp ? types.udp : 0;
}

RssInput from_ipv4(base::Bytes packet, std::uint32_t types, RssScratch& scratch) noexcept {
    if (packet.size() < kIpv4Bytes) {
        return {};
    }
    const std::size_t header = std::size_t{byte_at(packet, 0) & 0xFU} * 4;
    const bool fragment = (base::load_be16(packet, 6) & 0x3FFF) != 0;
    const bool whole = !fragment && header >= kIpv4Bytes && header <= packet.size();
    const base::Bytes payload = whole ? packet.subspan(header) : base::Bytes();
    const base::Bytes addresses = packet.subspan(kIpv4Addresses, 8);
    const std::uint32_t type =
        type_with_ports({types & wire::kNdisHashTcpIpv4, types & wire::kNdisHashUdpIpv4, 0},
                        byte_at(packet, 9), payload);
    if (type == 0) {
        return {types & wire::kNdisHashIpv4, addresses};
    }
    if (header == kIpv4Bytes) {
        return {type, packet.subspan(kIpv4Addresses, addresses.size() + kPortsBytes)};
    }
    return {type, joined(scratch, {addresses, payload.first(kPortsBytes)})};
}

/// What stands between an IPv6 header and its payload.
struct Extensions {
    std::uint8_t protocol = 0;  ///< of what follows
    base::Bytes payload;
    bool any = false;
    std::optional<base::Bytes> home;        ///< a mobile sender's own address
    std::optional<base::Bytes> home_route;  ///< a mobile receiver's
};

std::optional<base::Bytes> home_address(base::Bytes options) noexcept {
    for (std::size_t at = 2; at + 1 < options.size();) {
        const std::uint8_t type = byte_at(options, at);
        const std::size_t length = byte_at(options, at + 1);
        if (type == kHomeAddressOption && length == 16) {
            return base::try_slice(options, at + 2, 16);
        }
        at += type == 0 ? 1 : 2 + length;  // type 0 is one byte of padding
    }
    return std::nullopt;
}

Extensions walk(base::Bytes packet) noexcept {
    Extensions found{byte_at(packet, 6), packet.subspan(kIpv6Bytes), false, {}, {}};
    for (unsigned i = 0; i < kMostExtensions; ++i) {
        const bool options = found.protocol == kHopByHop || found.protocol == kDestinationOptions;
        if ((!options && found.protocol != kRouting) || found.payload.size() < 8) {
            break;
        }
        const auto header =
            base::try_slice(found.payload, 0, 8 * (1 + std::size_t{byte_at(found.payload, 1)}));
        if (!header) {
            break;
        }
        if (found.protocol == kDestinationOptions) {
            found.home = home_address(*header);
        } else if (found.protocol == kRouting && byte_at(*header, 2) == kHomeRouting) {
            found.home_route = base::try_slice(*header, 8, 16);
        }
        found.any = true;
        found.protocol = byte_at(*header, 0);
        found.payload = found.payload.subspan(header->size());
    }
    return found;
}

RssInput from_ipv6(base::Bytes packet, std::uint32_t types, RssScratch& scratch) noexcept {
    if (packet.size() < kIpv6Bytes) {
        return {};
    }
    const Extensions found = walk(packet);
    const Types plain{types & wire::kNdisHashTcpIpv6, types & wire::kNdisHashUdpIpv6,
                      types & wire::kNdisHashIpv6};
    const Types ex{types & wire::kNdisHashTcpIpv6Ex, types & wire::kNdisHashUdpIpv6Ex,
                   types & wire::kNdisHashIpv6Ex};
    const bool mobile = found.any && (ex.tcp | ex.udp | ex.ip) != 0;
    // A guest that asked for the extended type alone gets it for packets without extensions, too.
    const auto pick = [&](std::uint32_t first, std::uint32_t second) {
        return first != 0 ? first : second;
    };
    const Types chosen =
        mobile ? Types{pick(ex.tcp, plain.tcp), pick(ex.udp, plain.udp), pick(ex.ip, plain.ip)}
               : Types{pick(plain.tcp, ex.tcp), pick(plain.udp, ex.udp), pick(plain.ip, ex.ip)};
    const std::uint32_t type = type_with_ports(chosen, found.protocol, found.payload);
    const std::size_t ports = type != 0 ? kPortsBytes : 0;
    if (!found.any) {
        return {type != 0 ? type : chosen.ip, packet.subspan(kIpv6Addresses, 32 + ports)};
    }
    return {
        type != 0 ? type : chosen.ip,
        joined(scratch, {mobile && found.home ? *found.home : packet.subspan(8, 16),
                         mobile && found.home_route ? *found.home_route : packet.subspan(24, 16),
                         found.payload.first(ports)})};
}

}  // namespace

RssInput any_rss_input(base::Bytes frame, std::uint32_t types, RssScratch& scratch) noexcept {
    std::size_t at = kAddressBytes;
    if (frame.size() >= at + 6 && base::load_be16(frame, at) == kVlan) {
        at += 4;
    }
    if (frame.size() < at + 2) {
        return {};
    }
    const auto packet = frame.subspan(at + 2);
    switch (base::load_be16(frame, at)) {
        case kIpv4: return from_ipv4(packet, types, scratch);
        case kIpv6: return from_ipv6(packet, types, scratch);
        default: return {};
    }
}

}  // namespace vmbus::host
