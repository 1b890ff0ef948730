#include "host/port_gen.hpp"

#include <algorithm>
#include <cstring>

namespace vmbus::host {
namespace {

constexpr std::size_t kIp = 14;
constexpr std::size_t kUdp = kIp + 20;
constexpr std::size_t kPayload = GenPort::kPayloadOffset;
/// Frames of one receive() must not share bytes.
constexpr std::size_t kLeastSlots = 256;

std::size_t slots_for(std::size_t flows) noexcept {
    return (kLeastSlots + flows - 1) / flows * flows;
}

void put8(base::MutableBytes frame, std::size_t at, unsigned value) noexcept {
    frame[at] = static_cast<std::byte>(value);
}

void put16(base::MutableBytes frame, std::size_t at, std::size_t value) noexcept {
    put8(frame, at, static_cast<unsigned>(value >> 8) & 0xFF);
    put8(frame, at + 1, static_cast<unsigned>(value) & 0xFF);
}

/// RFC 1071: the sum of big-endian words, not yet folded; an odd last byte counts as a high one.
std::uint32_t sum_of(base::Bytes bytes) noexcept {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = std::to_integer<std::uint32_t>(bytes[i]);
        sum += i % 2 == 0 ? byte << 8 : byte;
    }
    return sum;
}

std::uint16_t checksum_of(std::uint32_t sum) noexcept {
    while (sum > 0xFFFF) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(~sum);
}

void put_ethernet(base::MutableBytes frame, const MacAddress& destination) noexcept {
    constexpr MacAddress kSource = {0x02, 0x00, 0x00, 0x67, 0x65, 0x6e};
    std::memcpy(frame.data(), destination.data(), destination.size());
    std::memcpy(frame.data() + 6, kSource.data(), kSource.size());
    put16(frame, 12, 0x0800);
}

/// From 198.18.x.y to 198.19.0.1, the addresses for benchmarks (RFC 2544, appendix C.2.2).
void put_ip(base::MutableBytes frame, std::size_t flow) noexcept {
    put8(frame, kIp, 0x45);
    put16(frame, kIp + 2, frame.size() - kIp);
    put8(frame, kIp + 8, 64);
    put8(frame, kIp + 9, 17);
    put16(frame, kIp + 12, 0xC612);
    put16(frame, kIp + 14, flow + 1);
    put16(frame, kIp + 16, 0xC613);
    put16(frame, kIp + 18, 1);
    put16(frame, kIp + 10, checksum_of(sum_of(frame.subspan(kIp, 20))));
}

void put_udp(base::MutableBytes frame, std::size_t flow) noexcept {
    constexpr std::size_t kFirstPort = 0x4000;
    constexpr std::size_t kDiscard = 9;
    const std::size_t length = frame.size() - kUdp;
    put16(frame, kUdp, kFirstPort + flow);
    put16(frame, kUdp + 2, kDiscard);
    put16(frame, kUdp + 4, length);
    const auto pseudo =
        sum_of(frame.subspan(kIp + 12, 8)) + 17 + static_cast<std::uint32_t>(length);
    const auto checksum = checksum_of(pseudo + sum_of(frame.subspan(kUdp)));
    put16(frame, kUdp + 6, checksum == 0 ? 0xFFFF : checksum);
}

void put_sequence(base::MutableBytes frame, std::uint64_t sequence) noexcept {
    base::store_at(frame, kPayload, sequence);
    base::store_at(frame, kPayload + sizeof sequence, ~sequence);
}

void build(base::MutableBytes frame, const MacAddress& destination, std::size_t flow) noexcept {
    put_ethernet(frame, destination);
    put_ip(frame, flow);
    put_sequence(frame, 0);
    base::store_at(frame, kPayload + 16, static_cast<std::uint16_t>(flow));
    put_udp(frame, flow);
}

}  // namespace

GenPort::GenPort(const GenPortSpec& spec, Replay& replay, Replay::Clock clock)
    : spec_(spec),
      replay_(replay),
      clock_(clock),
      pace_(spec.rate),
      slots_(slots_for(spec.flows)),
      frames_(slots_ * spec.length) {
    for (std::size_t i = 0; i < slots_; ++i) {
        build(base::MutableBytes(frames_).subspan(i * spec_.length, spec_.length),
              spec_.destination, i % spec_.flows);
    }
}

void GenPort::transmit(std::span<const Frame> frames) noexcept {
    replay_.guest_sent(frames.size());
    returned_ += frames.size();
}

std::size_t GenPort::receive(std::span<Frame> frames) noexcept {
    const auto room = std::min<std::uint64_t>(frames.size(), slots_);
    const auto count = static_cast<std::size_t>(std::min(room, allowed()));
    for (Frame& frame : frames.first(count)) {
        frame.bytes = next_frame();
    }
    pace_.took(count);
    return count;
}

void GenPort::set_filter(std::uint32_t ndis_filter) noexcept {
    if (ndis_filter != 0 && !open_) {
        pace_.start(clock_());
    }
    open_ = ndis_filter != 0;
}

/// How many frames may leave now.
std::uint64_t GenPort::allowed() noexcept {
    if (!open_) {
        return 0;
    }
    const std::uint64_t left = spec_.count ? *spec_.count - sequence_ : UINT64_MAX;
    return std::min(left, pace_.allowed(clock_()));
}

base::Bytes GenPort::next_frame() noexcept {
    const auto frame = base::MutableBytes(frames_).subspan(next_slot_ * spec_.length, spec_.length);
    put_sequence(frame, sequence_++);
    next_slot_ = next_slot_ + 1 == slots_ ? 0 : next_slot_ + 1;
    return frame;
}

}  // namespace vmbus::host
