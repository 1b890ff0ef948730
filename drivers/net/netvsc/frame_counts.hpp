// FrameCounts: frames by size, and those to groups, of one queue, under the names that DPDK's own
// driver gives them. A look at each frame, so only where the application asks for it
// (`frame_xstats`). Written by the queue's lcore, read by control threads.
// Docs: docs/nics/netvsc.md, "Counters".
#pragma once

#include <rte_ether.h>
#include <rte_mbuf.h>

#include <array>
#include <bit>
#include <cstdint>

#include "net/netvsc/counter.hpp"

namespace vmbus::netvsc {

/// By length without FCS. The sizes in between double.
enum class FrameCount : std::uint8_t {
    kUndersize,
    k64,
    k65To127,
    k128To255,
    k256To511,
    k512To1023,
    k1024To1518,
    k1519AndMore,
    kMulticast,
    kBroadcast,
    kCount,
};

inline constexpr std::array<const char*, Counters<FrameCount>::kSize> kFrameCountNames = {
    "undersize_packets",      "size_64_packets",       "size_65_127_packets",
    "size_128_255_packets",   "size_256_511_packets",  "size_512_1023_packets",
    "size_1024_1518_packets", "size_1519_max_packets", "multicast_packets",
    "broadcast_packets",
};

constexpr FrameCount size_class_of(std::uint32_t bytes) noexcept {
    if (bytes <= 64) {
        return bytes == 64 ? FrameCount::k64 : FrameCount::kUndersize;
    }
    if (bytes >= 1024) {
        return bytes <= RTE_ETHER_MAX_LEN ? FrameCount::k1024To1518 : FrameCount::k1519AndMore;
    }
    // 7 bits: 65 to 127.
    return static_cast<FrameCount>(static_cast<int>(FrameCount::k65To127) + std::bit_width(bytes) -
                                   7);
}
static_assert(size_class_of(63) == FrameCount::kUndersize &&
                  size_class_of(65) == FrameCount::k65To127 &&
                  size_class_of(127) == FrameCount::k65To127 &&
                  size_class_of(128) == FrameCount::k128To255 &&
                  size_class_of(1023) == FrameCount::k512To1023 &&
                  size_class_of(1518) == FrameCount::k1024To1518 &&
                  size_class_of(1519) == FrameCount::k1519AndMore,
              "the classes are those of their names");

class FrameCounts {
public:
    /// Requires: the frame is still readable, its addresses in the first segment.
    void add(const rte_mbuf& frame) noexcept {
        counters_[size_class_of(frame.pkt_len)].add();
        const auto* to = rte_pktmbuf_mtod(&frame, const rte_ether_addr*);
        if (rte_is_multicast_ether_addr(to) != 0) {
            const bool all = rte_is_broadcast_ether_addr(to) != 0;
            counters_[all ? FrameCount::kBroadcast : FrameCount::kMulticast].add();
        }
    }
    void add(rte_mbuf* const* frames, std::uint16_t count) noexcept {
        for (std::uint16_t i = 0; i < count; ++i) {
            add(*frames[i]);
        }
    }
    const Counters<FrameCount>& counters() const noexcept { return counters_; }
    void reset() noexcept { counters_.reset(); }

private:
    Counters<FrameCount> counters_;
};

}  // namespace vmbus::netvsc
