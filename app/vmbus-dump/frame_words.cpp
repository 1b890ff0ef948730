#include <arpa/inet.h>
#include <fmt/core.h>

#include <array>

#include "words.hpp"

namespace vmbus::dump {
namespace {

constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kTagBytes = 4;
constexpr std::uint16_t kTypeVlan = 0x8100;
constexpr std::uint16_t kTypeIpv4 = 0x0800;
constexpr std::uint16_t kTypeIpv6 = 0x86DD;
constexpr std::uint16_t kTypeArp = 0x0806;
constexpr std::size_t kIpv4Bytes = 20;
constexpr std::size_t kIpv6Bytes = 40;

std::uint8_t byte_at(base::Bytes bytes, std::size_t at) {
    return std::to_integer<std::uint8_t>(bytes[at]);
}

std::string mac_words(base::Bytes bytes) {
    std::string text;
    for (std::size_t i = 0; i < 6; ++i) {
        text += fmt::format("{}{:02x}", i == 0 ? "" : ":", byte_at(bytes, i));
    }
    return text;
}

std::string address_words(int family, base::Bytes bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    return ::inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr ? "?"
                                                                                  : text.data();
}

std::string transport_words(std::uint8_t protocol, base::Bytes bytes) {
    constexpr std::uint8_t kIcmp = 1;
    constexpr std::uint8_t kTcp = 6;
    constexpr std::uint8_t kUdp = 17;
    constexpr std::uint8_t kIcmp6 = 58;
    if ((protocol == kTcp || protocol == kUdp) && bytes.size() >= 8) {
        return fmt::format("{} {} > {}", protocol == kTcp ? "TCP" : "UDP",
                           base::load_be16(bytes, 0), base::load_be16(bytes, 2));
    }
    return protocol == kIcmp || protocol == kIcmp6 ? "ICMP" : fmt::format("protocol {}", protocol);
}

std::string ipv4_words(base::Bytes packet) {
    const std::size_t header = packet.size() < kIpv4Bytes ? 0 : (byte_at(packet, 0) & 0xFU) * 4U;
    if (header < kIpv4Bytes || header > packet.size()) {
        return "broken IPv4 header";
    }
    const bool later = (base::load_be16(packet, 6) & 0x1FFFU) != 0;
    return fmt::format(
        "IPv4 {} > {} {}", address_words(AF_INET, packet.subspan(12, 4)),
        address_words(AF_INET, packet.subspan(16, 4)),
        later ? "fragment" : transport_words(byte_at(packet, 9), packet.subspan(header)));
}

std::string ipv6_words(base::Bytes packet) {
    if (packet.size() < kIpv6Bytes) {
        return "broken IPv6 header";
    }
    return fmt::format("IPv6 {} > {} {}", address_words(AF_INET6, packet.subspan(8, 16)),
                       address_words(AF_INET6, packet.subspan(24, 16)),
                       transport_words(byte_at(packet, 6), packet.subspan(kIpv6Bytes)));
}

std::string payload_words(std::uint16_t type, base::Bytes payload) {
    switch (type) {
        case kTypeIpv4: return ipv4_words(payload);
        case kTypeIpv6: return ipv6_words(payload);
        case kTypeArp: return "ARP";
        default: return fmt::format("type 0x{:04x}", type);
    }
}

}  // namespace

std::string frame_words(base::Bytes frame) {
    if (frame.size() < kEthernetBytes) {
        return fmt::format("{} bytes that are no frame:{}", frame.size(), hex_words(frame, 16));
    }
    std::string text = fmt::format("{} > {}", mac_words(frame.subspan(6)), mac_words(frame));
    std::size_t at = kEthernetBytes;
    while (base::load_be16(frame, at - 2) == kTypeVlan && frame.size() - at >= kTagBytes) {
        text += fmt::format(" vlan {}", base::load_be16(frame, at) & 0xFFFU);
        at += kTagBytes;
    }
    return fmt::format("{} {}", text,
                       payload_words(base::load_be16(frame, at - 2), frame.subspan(at)));
}

}  // namespace vmbus::dump
