// Packets -> a section of the send buffer. Several packets follow each other in one section, each
// but the last padded to the host's alignment, with the padding counted in its message length; or
// one packet's head stands alone, and its frame follows in the sender's own pages.
// The section is only ever written. Transmit thread; a value on its stack. No DPDK.
// Source of the padding rule: facts of MS-RNDIS 2.2.14 and Linux rndis_filter (padding counts).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/bytes.hpp"
#include "codec/rndis_packet.hpp"

namespace vmbus::netvsc {

/// What the host takes in one message, cut to what a section holds.
struct SectionLimits {
    std::uint32_t bytes = 0;
    std::uint32_t max_packets = 1;
    std::uint32_t alignment = 8;              ///< a power of two, at least 8
    std::uint32_t shared_bytes = UINT32_MAX;  ///< of a section with more than one packet
};

class SectionWriter {
public:
    /// Requires: section.size() >= limits.bytes.
    SectionWriter(base::MutableBytes section, const SectionLimits& limits) noexcept
        : section_(section), limits_(limits) {}

    std::uint32_t bytes() const noexcept { return used_; }
    std::uint32_t packets() const noexcept { return packets_; }

    /// Whether a frame of `length` bytes with these infos can follow what is there.
    bool fits(std::uint8_t has, std::uint32_t length) const noexcept {
        const std::uint32_t start = aligned(used_);
        const std::uint32_t head = codec::packet_head_bytes(has);
        return packets_ < limits_.max_packets && start <= limits_.bytes &&
               limits_.bytes - start >= head && limits_.bytes - start - head >= length &&
               (packets_ == 0 || start + head + length <= limits_.shared_bytes);
    }

    /// Writes the head of the next packet and returns where its frame goes. Requires: fits().
    base::MutableBytes append(const codec::PacketInfo& info, std::uint32_t length) noexcept {
        pad_previous();
        const std::uint32_t head = codec::build_packet_head(section_.subspan(used_), info, length);
        last_start_ = used_;
        last_length_ = head + length;
        used_ += last_length_;
        ++packets_;
        return section_.subspan(last_start_ + head, length);
    }

    /// Writes the head of a packet of which only the first `here` bytes follow in this section, and
    /// returns where those go. Requires: an empty section with room for both.
    base::MutableBytes append_head(const codec::PacketInfo& info, std::uint32_t length,
                                   std::uint32_t here = 0) noexcept {
        const std::uint32_t head = codec::build_packet_head(section_, info, length);
        used_ = head + here;
        packets_ = 1;
        return section_.subspan(head, here);
    }

private:
    std::uint32_t aligned(std::uint32_t n) const noexcept {
        return (n + limits_.alignment - 1) & ~(limits_.alignment - 1);
    }
    void pad_previous() noexcept {
        const std::uint32_t padding = aligned(used_) - used_;
        if (padding == 0) {
            return;
        }
        // As a rule less than 8 bytes; what is too much the next head, which is longer, covers.
        if (padding < sizeof(std::uint64_t)) [[likely]] {
            base::store_at(section_, used_, std::uint64_t{0});
        } else {
            std::memset(section_.data() + used_, 0, padding);
        }
        used_ += padding;
        base::store_at(section_, last_start_ + offsetof(wire::RndisHeader, length),
                       last_length_ + padding);
    }

    base::MutableBytes section_;
    SectionLimits limits_;
    std::uint32_t used_ = 0;
    std::uint32_t packets_ = 0;
    std::uint32_t last_start_ = 0;
    std::uint32_t last_length_ = 0;
};

}  // namespace vmbus::netvsc
