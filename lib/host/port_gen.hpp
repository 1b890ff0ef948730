// GenPort: a traffic generator. Ethernet, IPv4 and UDP, both checksums valid, with as many 5-tuples
// as flows, taken in turns. It starts when the guest opens its packet filter, and counts what comes
// back. Host thread only.
//
// The payload begins with a sequence number, its complement and the flow's number. A number and its
// complement add up to the same ones' complement sum whatever the number is, so frames are made
// once, checksum included, and sending one costs two stores.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "host/pace.hpp"
#include "host/port_spec.hpp"
#include "host/replay.hpp"

namespace vmbus::host {

class GenPort final : public Port {
public:
    /// Where the payload lies: 8 bytes of sequence, 8 of complement, 2 of flow, little-endian.
    static constexpr std::size_t kPayloadOffset = 14 + 20 + 8;

    GenPort(const GenPortSpec& spec, Replay& replay, Replay::Clock clock);

    void transmit(std::span<const Frame> frames) noexcept override;
    std::size_t receive(std::span<Frame> frames) noexcept override;
    void set_filter(std::uint32_t ndis_filter) noexcept override;
    void guest_closed() noexcept override { open_ = false; }

    std::uint64_t generated() const noexcept { return sequence_; }
    std::uint64_t returned() const noexcept { return returned_; }

private:
    std::uint64_t allowed() noexcept;
    base::Bytes next_frame() noexcept;

    const GenPortSpec spec_;
    Replay& replay_;
    const Replay::Clock clock_;
    Pace pace_;
    const std::size_t slots_;
    std::vector<std::byte> frames_;  // slots_ frames; slot i belongs to flow i % flows
    std::size_t next_slot_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t returned_ = 0;
    bool open_ = false;
};

}  // namespace vmbus::host
