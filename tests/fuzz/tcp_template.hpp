// A TCP segment that a parser takes for one, and the RNDIS message that carries it: where a fuzzer
// would need a long time to get by itself. Its checksums are right.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "host/checksum.hpp"
#include "wire/rndis.hpp"
#include "wire/rndis_ppi.hpp"

namespace vmbus::fuzz {

struct TcpTemplate {
    bool ipv6 = false;
    std::uint8_t flags = 0x10;  ///< of the TCP header
    std::uint16_t sequence = 0;
    std::size_t payload = 0;  ///< bytes

    std::vector<std::byte> bytes() const {
        const std::size_t ip = ipv6 ? 40 : 20;
        std::vector<std::byte> frame(14 + ip + 20 + payload);
        const auto put = [&](std::size_t at, std::uint8_t value) { frame[at] = std::byte{value}; };
        const auto put16 = [&](std::size_t at, std::size_t value) {
            put(at, static_cast<std::uint8_t>(value >> 8));
            put(at + 1, static_cast<std::uint8_t>(value));
        };
        put(0, 2);
        put(6, 2);
        put16(12, ipv6 ? 0x86DD : 0x0800);
        put(14, ipv6 ? 0x60 : 0x45);
        put16(ipv6 ? 18 : 16, (ipv6 ? 0 : ip) + 20 + payload);
        put(ipv6 ? 20 : 23, 6);
        put(ipv6 ? 21 : 22, 64);
        const std::uint32_t tcp = ipv6 ? 54 : 34;
        put16(tcp, 1000);
        put16(tcp + 2, 80);
        put16(tcp + 6, sequence);
        put(tcp + 12, 0x50);
        put(tcp + 13, flags);
        host::complete_checksums(
            frame,
            wire::kTxChecksumTcp | (tcp << wire::kTxChecksumOffsetShift) |
                (ipv6 ? wire::kTxChecksumIpv6 : wire::kTxChecksumIpv4 | wire::kTxChecksumIpHeader));
        return frame;
    }
};

/// The message of one frame; with a large-send word unless it is 0.
inline std::vector<std::byte> rndis_packet(base::Bytes frame, std::uint32_t large_send) {
    const wire::Ppi32 info{{.size = sizeof(wire::Ppi32),
                            .type = static_cast<std::uint32_t>(wire::PpiType::kLso),
                            .data_offset = sizeof(wire::PpiHeader)},
                           large_send};
    const std::uint32_t info_bytes = large_send != 0 ? sizeof info : 0;
    const std::size_t head = sizeof(wire::RndisPacket) + info_bytes;
    std::vector<std::byte> message(head + frame.size());
    base::store_at(
        base::MutableBytes(message), 0,
        wire::RndisPacket{.header = {static_cast<std::uint32_t>(wire::RndisType::kPacket),
                                     static_cast<std::uint32_t>(message.size())},
                          .data_offset = static_cast<std::uint32_t>(head - wire::kRndisOffsetBase),
                          .data_length = static_cast<std::uint32_t>(frame.size()),
                          .oob_offset = 0,
                          .oob_length = 0,
                          .oob_count = 0,
                          .ppi_offset = sizeof(wire::RndisPacket) - wire::kRndisOffsetBase,
                          .ppi_length = info_bytes,
                          .vc_handle = 0,
                          .reserved = 0});
    if (info_bytes != 0) {
        base::store_at(base::MutableBytes(message), sizeof(wire::RndisPacket), info);
    }
    std::copy(frame.begin(), frame.end(), message.begin() + static_cast<std::ptrdiff_t>(head));
    return message;
}

}  // namespace vmbus::fuzz
