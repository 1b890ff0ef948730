// GenPort: a traffic generator and the sink that judges what comes back. Ethernet, IPv4 or IPv6,
// UDP or TCP, all checksums valid, with as many 5-tuples as flows, taken in turns. It starts when
// the guest opens its packet filter. Host thread only. The mark in each frame: gen_frame.hpp.
#pragma once

#include <cstdint>
#include <vector>

#include "host/gen_frame.hpp"
#include "host/gen_sink.hpp"
#include "host/pace.hpp"
#include "host/port_spec.hpp"
#include "host/replay.hpp"

namespace vmbus::host {

class GenPort final : public Port {
public:
    /// `source` tells the generators of one host apart.
    GenPort(const GenPortSpec& spec, Replay& replay, Replay::Clock clock, std::uint8_t source = 0);

    void transmit(std::span<const Frame> frames) noexcept override;
    std::size_t receive(std::span<Frame> frames) noexcept override;
    void set_filter(std::uint32_t ndis_filter) noexcept override;
    void guest_closed() noexcept override { open_ = false; }
    std::vector<Figure> figures() const override;

    std::uint64_t generated() const noexcept { return generated_; }
    std::uint64_t returned() const noexcept;
    const GenSink& sink() const noexcept { return sink_; }

private:
    struct Slot {
        std::size_t offset;
        std::uint16_t length;
        std::uint16_t flow;
    };

    void build();
    std::uint64_t allowed(Replay::TimePoint now) noexcept;
    void make(std::span<Frame> frames, std::uint64_t now_ns) noexcept;

    const GenPortSpec spec_;
    const std::uint8_t source_;
    const std::size_t mark_at_;
    Replay& replay_;
    const Replay::Clock clock_;
    Pace pace_;
    std::vector<std::byte> bytes_;
    std::vector<Slot> slots_;  // flow 0 comes first, and each flow once in each round
    std::size_t next_slot_ = 0;
    std::uint64_t round_ = 0;  // each flow has had so many frames
    std::uint64_t generated_ = 0;
    bool open_ = false;
    GenSink sink_;
};

}  // namespace vmbus::host
