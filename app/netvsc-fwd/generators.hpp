// Modes txonly and flowgen: UDP packets, of one flow or of many in turn, as fast as the port takes
// them.
#pragma once

#include <vector>

#include "blank_frames.hpp"
#include "udp_frame.hpp"
#include "work.hpp"

namespace netvsc_fwd {

/// The flows that flowgen goes through: other destinations, and other source ports.
std::vector<UdpHeaders> headers_of_flows(const UdpFlow& first, unsigned flows,
                                         std::uint32_t frame_bytes);

class Generator final : public Work {
public:
    Generator(BlankFrames frames, std::vector<UdpHeaders> flows)
        : frames_(std::move(frames)), flows_(std::move(flows)) {}

    /// Frees them.
    std::uint16_t arrived(std::span<rte_mbuf*> packets) override;
    std::uint16_t make(std::span<rte_mbuf*> room) override;

private:
    BlankFrames frames_;
    const std::vector<UdpHeaders> flows_;
    std::size_t next_flow_ = 0;
};

}  // namespace netvsc_fwd
