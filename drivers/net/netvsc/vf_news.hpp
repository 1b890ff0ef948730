// VfNews: what the host last said of its virtual function, and that it took the data path back.
// However often it speaks, there is one last word; what must not get lost on the way (that a VF was
// taken away in between, though another is there again) is counted in the same word.
// Written by the ring owner, read by any thread. Owned by Inbound. No DPDK.
#pragma once

#include <cstdint>

#include "base/shared.hpp"

namespace vmbus::netvsc {

/// Counts go round; who compares two only asks whether they differ.
struct VfOffer {
    bool allocated = false;
    std::uint32_t serial = 0;
    std::uint16_t removals = 0;       ///< how often one that was there went or became another
    std::uint16_t announcements = 0;  ///< how often the host spoke
    friend bool operator==(const VfOffer&, const VfOffer&) = default;
};

/// How often the host moved the path to the synthetic side, and after which announcement.
struct PathTaken {
    std::uint32_t times = 0;
    std::uint16_t announcements = 0;
    friend bool operator==(const PathTaken&, const PathTaken&) = default;
};

class VfNews {
public:
    void on_association(bool allocated, std::uint32_t serial) noexcept {
        VfOffer now = offer();
        if (now.allocated && (!allocated || serial != now.serial)) {
            now.removals = static_cast<std::uint16_t>((now.removals + 1) & kRemovalsMask);
        }
        now.allocated = allocated;
        now.serial = serial;
        ++now.announcements;
        // relaxed: one word says it all; the reader is called after it (vf.ask).
        offer_.store_relaxed(std::uint64_t{now.announcements} << 48 |
                             std::uint64_t{now.removals} << 33 | (now.allocated ? kAllocated : 0U) |
                             now.serial);
    }
    void on_path_taken() noexcept {
        const std::uint32_t times = path_taken().times + 1;
        // relaxed: as above.
        taken_.store_relaxed(std::uint64_t{offer().announcements} << 32 | times);
    }

    VfOffer offer() const noexcept {
        // relaxed: as above.
        const std::uint64_t word = offer_.load_relaxed();
        return {.allocated = (word & kAllocated) != 0,
                .serial = static_cast<std::uint32_t>(word),
                .removals = static_cast<std::uint16_t>((word >> 33) & kRemovalsMask),
                .announcements = static_cast<std::uint16_t>(word >> 48)};
    }
    PathTaken path_taken() const noexcept {
        // relaxed: as above.
        const std::uint64_t word = taken_.load_relaxed();
        return {.times = static_cast<std::uint32_t>(word),
                .announcements = static_cast<std::uint16_t>(word >> 32)};
    }

private:
    static constexpr std::uint64_t kAllocated = std::uint64_t{1} << 32;
    static constexpr unsigned kRemovalsMask = 0x7FFF;

    base::Shared<std::uint64_t> offer_{0};
    base::Shared<std::uint64_t> taken_{0};
};

}  // namespace vmbus::netvsc
