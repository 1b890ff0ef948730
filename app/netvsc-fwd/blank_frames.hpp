// BlankFrames: mbufs of the lengths that --txpkts asks for, all zeros, for whoever makes packets.
// One thread.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace netvsc_fwd {

/// What one mbuf of ours holds.
inline constexpr std::uint16_t kSegmentBytes = RTE_MBUF_DEFAULT_DATAROOM;

class BlankFrames {
public:
    /// `lengths` are those of the segments of each frame.
    BlankFrames(rte_mempool& pool, std::vector<std::uint16_t> lengths)
        : pool_(&pool), lengths_(std::move(lengths)) {}

    std::uint32_t frame_bytes() const {
        return std::accumulate(lengths_.begin(), lengths_.end(), std::uint32_t{0});
    }

    /// As many as there is room for, or fewer while others are on their way; returns how many.
    std::uint16_t allocate(std::span<rte_mbuf*> room);

private:
    rte_mbuf* chain();

    rte_mempool* pool_;
    std::vector<std::uint16_t> lengths_;
};

}  // namespace netvsc_fwd
