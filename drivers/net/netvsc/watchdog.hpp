// Watchdog: decides whether a host still reads our ring. It never answers at once: a host that
// gave the channel up (OpenVMM does, without a word) looks like one that is busy elsewhere.
// One for each channel. Owned by the port's events; EAL's interrupt thread. No DPDK.
#pragma once

#include <cstdint>
#include <utility>

namespace vmbus::netvsc {

class Watchdog {
public:
    /// Looks in a row that find the same packets unread, before the host counts as stalled.
    static constexpr unsigned kPatience = 5;

    enum class News : std::uint8_t { kNone, kStalled, kBack };

    /// One look, a second after the last: what lies unread, and the host's read index.
    News look(std::uint32_t bytes_unread, std::uint32_t read_index) noexcept {
        const bool moves = bytes_unread == 0 || read_index != last_index_ || fresh_;
        last_index_ = read_index;
        fresh_ = false;
        if (moves) {
            looks_ = 0;
            return std::exchange(stalled_, false) ? News::kBack : News::kNone;
        }
        if (++looks_ < kPatience || stalled_) {
            return News::kNone;
        }
        stalled_ = true;
        return News::kStalled;
    }
    /// One look that finds no channel any more: it will not come back.
    News look_in_vain() noexcept {
        return std::exchange(stalled_, true) ? News::kNone : News::kStalled;
    }
    bool stalled() const noexcept { return stalled_; }

private:
    std::uint32_t last_index_ = 0;
    unsigned looks_ = 0;
    bool fresh_ = true;
    bool stalled_ = false;
};

}  // namespace vmbus::netvsc
