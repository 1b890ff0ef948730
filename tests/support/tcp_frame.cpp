#include "support/tcp_frame.hpp"

namespace vmbus::support {
namespace {

using Bytes = std::span<const std::byte>;

bool is_v6(Bytes frame) {
    return be_at(frame, 12, 2) == 0x86DD;
}

std::uint64_t sum_of(Bytes bytes) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        sum += std::to_integer<std::uint64_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
    }
    return sum;
}

std::uint16_t folded(std::uint64_t sum) {
    while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

std::size_t ip_bytes(Bytes frame) {
    return is_v6(frame) ? 40 : (std::to_integer<std::size_t>(frame[14]) & 15U) * 4;
}

std::uint16_t tcp_sum(Bytes frame) {
    const auto segment = frame.subspan(14 + ip_bytes(frame));
    const auto addresses = is_v6(frame) ? frame.subspan(22, 32) : frame.subspan(26, 8);
    return folded(sum_of(addresses) + 6 + segment.size() + sum_of(segment));
}

}  // namespace

std::uint32_t be_at(Bytes bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
        value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
    }
    return value;
}

void put_be(std::span<std::byte> bytes, std::size_t at, std::size_t size, std::uint64_t value) {
    for (std::size_t i = 0; i < size; ++i) {
        bytes[at + i] = static_cast<std::byte>(value >> 8 * (size - 1 - i));
    }
}

std::vector<std::byte> tcp_frame(const TcpFrame& f) {
    std::vector<std::byte> frame(f.bytes(), std::byte{1});
    for (std::size_t i = 0; i < 12; ++i) frame[i] = static_cast<std::byte>(2 * i);
    put_be(frame, 12, 2, f.v6 ? 0x86DD : 0x0800);
    if (f.v6) {
        put_be(frame, 14, 4, 0x60000000);
        put_be(frame, 18, 2, f.bytes() - 54);
        put_be(frame, 20, 2, 0x0640);
        for (std::size_t i = 22; i < 54; ++i) frame[i] = static_cast<std::byte>(i);
    } else {
        put_be(frame, 14, 2, 0x4500 + ((f.ip_options / 4) << 8));
        put_be(frame, 16, 2, f.bytes() - 14);
        put_be(frame, 18, 2, f.id);
        put_be(frame, 20, 4, 0x40004006);
        put_be(frame, 24, 2, 0);
        put_be(frame, 26, 4, 0x0A000001);
        put_be(frame, 30, 4, 0x0A000002);
        put_be(frame, 24, 2,
               static_cast<std::uint16_t>(
                   ~folded(sum_of(Bytes(frame).subspan(14, 20 + f.ip_options)))));
    }
    const auto tcp = std::span(frame).subspan(f.tcp_offset());
    put_be(tcp, 0, 2, f.source_port);
    put_be(tcp, 2, 2, 80);
    put_be(tcp, 4, 4, f.sequence);
    put_be(tcp, 8, 4, f.acknowledged);
    put_be(tcp, 12, 1, (5 + f.tcp_options / 4) << 4);
    put_be(tcp, 13, 1, f.flags);
    put_be(tcp, 14, 2, 5000);
    put_be(tcp, 16, 4, 0);
    for (std::size_t i = 0; i < f.payload; ++i) {
        tcp[20 + f.tcp_options + i] = static_cast<std::byte>(f.payload_from + i);
    }
    put_be(tcp, 16, 2, static_cast<std::uint16_t>(~tcp_sum(frame)));
    return frame;
}

bool tcp_sums_right(Bytes frame) {
    const bool ip_right =
        is_v6(frame) || folded(sum_of(frame.subspan(14, ip_bytes(frame)))) == 0xFFFF;
    return ip_right && tcp_sum(frame) == 0xFFFF;
}

}  // namespace vmbus::support
