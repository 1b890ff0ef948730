// TCP frames for tests of the host: made field by field, taken apart again, with a checksum of its
// own that shares nothing with the code under test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vmbus::support {

struct TcpFrame {
    bool v6 = false;
    std::size_t ip_options = 0;  ///< bytes: IPv4 options
    std::size_t tcp_options = 0;
    std::size_t payload = 1000;
    std::uint16_t id = 7;
    std::uint32_t sequence = 1000;
    std::uint32_t acknowledged = 99;
    std::uint8_t flags = 0x10;  ///< ACK
    std::uint16_t source_port = 4000;
    unsigned payload_from = 0;  ///< payload byte i is payload_from + i

    std::size_t tcp_offset() const { return v6 ? 54 : 34 + ip_options; }
    std::size_t header() const { return tcp_offset() + 20 + tcp_options; }
    std::size_t bytes() const { return header() + payload; }
};

/// The frame with all lengths and checksums right.
std::vector<std::byte> tcp_frame(const TcpFrame& fields);

std::uint32_t be_at(std::span<const std::byte> bytes, std::size_t at, std::size_t size);
void put_be(std::span<std::byte> bytes, std::size_t at, std::size_t size, std::uint64_t value);

/// Whether IPv4 header and TCP checksums are right, summed 16 bits at a time.
bool tcp_sums_right(std::span<const std::byte> frame);

}  // namespace vmbus::support
