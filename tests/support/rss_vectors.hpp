// The vectors by which Microsoft lets implementers verify a Toeplitz hash, and frames of their
// flows. Source: Microsoft, "Verifying the RSS Hash Calculation".
#pragma once

#include <arpa/inet.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/bytes.hpp"

namespace vmbus::support {

inline constexpr std::array<std::uint8_t, 40> kRssKey = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
    0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
    0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

struct RssVector {
    const char* source;
    std::uint16_t source_port;
    const char* destination;
    std::uint16_t destination_port;
    std::uint32_t addresses;  ///< the hash of the addresses alone
    std::uint32_t ports;      ///< with the ports
};

inline constexpr RssVector kRssIpv4[] = {
    {"66.9.149.187", 2794, "161.142.100.80", 1766, 0x323e8fc2, 0x51ccc178},
    {"199.92.111.2", 14230, "65.69.140.83", 4739, 0xd718262a, 0xc626b0ea},
    {"24.19.198.95", 12898, "12.22.207.184", 38024, 0xd2d0a5de, 0x5c2b394a},
    {"38.27.205.30", 48228, "209.142.163.6", 2217, 0x82989176, 0xafc7327f},
    {"153.39.163.191", 44251, "202.188.127.2", 1303, 0x5d1809c5, 0x10e828a2}};
inline constexpr RssVector kRssIpv6[] = {
    {"3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766, 0x2cc18cd5, 0x40207d3d},
    {"3ffe:501:8::260:97ff:fe40:efab", 14230, "ff02::1", 4739, 0x0f0c461c, 0xdde51bbf},
    {"3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, "fe80::200:f8ff:fe21:67cf", 38024, 0x4b61e985,
     0x02d1feef}};

inline void put16(std::vector<std::byte>& to, std::size_t at, unsigned value) {
    to[at] = static_cast<std::byte>(value >> 8);
    to[at + 1] = static_cast<std::byte>(value);
}

/// Ethernet, IPv4 or IPv6 by the addresses, and as much of TCP or UDP as the hash looks at.
inline std::vector<std::byte> rss_frame(const RssVector& flow, std::uint8_t protocol = 6) {
    const bool v6 = std::strchr(flow.source, ':') != nullptr;
    const std::size_t ip = 14;
    const std::size_t l4 = ip + (v6 ? 40 : 20);
    std::vector<std::byte> frame(l4 + 20);
    put16(frame, 12, v6 ? 0x86DD : 0x0800);
    frame[ip] = v6 ? std::byte{0x60} : std::byte{0x45};
    frame[ip + (v6 ? 6 : 9)] = static_cast<std::byte>(protocol);
    const int family = v6 ? AF_INET6 : AF_INET;
    ::inet_pton(family, flow.source, &frame[ip + (v6 ? 8 : 12)]);
    ::inet_pton(family, flow.destination, &frame[ip + (v6 ? 24 : 16)]);
    put16(frame, l4, flow.source_port);
    put16(frame, l4 + 2, flow.destination_port);
    return frame;
}

}  // namespace vmbus::support
