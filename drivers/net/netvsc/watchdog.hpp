// Watchdog: decides whether a host still reads our ring. It never answers at once: a host that
// gave the channel up (OpenVMM does, without a word) looks like one that is busy elsewhere, and so
// does one that took a sub-channel away: the kernel leaves what is open as it is, and tells nobody
// (Linux drivers/hv/channel_mgmt.c). What tells them apart is whether the host serves other
// channels meanwhile.
// One for each channel. Owned by the port's events; EAL's interrupt thread. No DPDK.
#pragma once

#include <cstdint>
#include <utility>

namespace vmbus::netvsc {

class Watchdog {
public:
    /// Looks in a row that find the same packets unread, before the host counts as stalled.
    static constexpr unsigned kPatience = 5;
    /// Looks among these that find others served, before the channel counts as dead. Not one: a
    /// host that comes back does not come to all channels at once.
    static constexpr unsigned kPassedOver = 3;

    enum class News : std::uint8_t {
        kNone,
        kStalled,  ///< the host reads nothing here, maybe nowhere
        kDead,     ///< it serves others, but not this channel
        kBack,
    };

    /// One look, a second after the last: what lies unread, the host's read index, and whether the
    /// host did anything on another channel since.
    News look(std::uint32_t bytes_unread, std::uint32_t read_index, bool others_served) noexcept {
        const bool moves = bytes_unread == 0 || read_index != last_index_ || fresh_;
        last_index_ = read_index;
        fresh_ = false;
        if (moves) {
            looks_ = passed_over_ = 0;
            dead_ = false;
            return std::exchange(stalled_, false) ? News::kBack : News::kNone;
        }
        ++looks_;
        passed_over_ += others_served ? 1 : 0;
        if (looks_ < kPatience || dead_) {
            return News::kNone;
        }
        const bool was_stalled = std::exchange(stalled_, true);
        dead_ = passed_over_ >= kPassedOver;
        return dead_ ? News::kDead : was_stalled ? News::kNone : News::kStalled;
    }
    bool stalled() const noexcept { return stalled_; }
    bool dead() const noexcept { return dead_; }

private:
    std::uint32_t last_index_ = 0;
    unsigned looks_ = 0;
    unsigned passed_over_ = 0;
    bool fresh_ = true;
    bool stalled_ = false;
    bool dead_ = false;
};

/// Whether the host did anything on a channel since the last look. One for each channel; as above.
class Activity {
public:
    /// Where the host has read our ring up to, and written its own.
    bool look(std::uint32_t read_index, std::uint32_t write_index) noexcept {
        const bool moved = read_index != read_ || write_index != written_;
        read_ = read_index;
        written_ = write_index;
        return !std::exchange(fresh_, false) && moved;
    }

private:
    std::uint32_t read_ = 0;
    std::uint32_t written_ = 0;
    bool fresh_ = true;
};

}  // namespace vmbus::netvsc
