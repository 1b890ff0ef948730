// RxSpread: to which channel a frame goes. Without receive-side scaling all go to the primary; with
// it, the hash of the flow picks an entry of the guest's table. Entries that name a channel that is
// not open are passed over; when none is left, all channels get their turn.
// Owned by the session; host thread only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "host/port.hpp"
#include "host/receive_buffer.hpp"
#include "host/rss_config.hpp"
#include "host/toeplitz.hpp"

namespace vmbus::host {

/// A frame on its way to the guest, with what the hash of its flow says.
struct RxFrame {
    base::Bytes bytes;
    std::uint32_t hash_value = 0;
    std::uint32_t hash_info = 0;  ///< type and function; 0: it has no hash
};

class RxSpread {
public:
    /// The guest set `rss`, or opened channels. Requires: 0 < channels <= kMaxChannels.
    void configure(const RssConfig& rss, std::size_t channels);

    /// The channels that frames go to, in ascending order.
    std::span<const std::uint8_t> active() const noexcept {
        return std::span(active_).first(active_count_);
    }

    /// The channel of a frame, and the hash in `out`.
    std::size_t place(const Frame& frame, RxFrame& out) const noexcept {
        out = {.bytes = frame.bytes};
        return hash_ == nullptr ? active_[0] : place_by_hash(out);
    }

private:
    std::size_t place_by_hash(RxFrame& frame) const noexcept;

    std::uint32_t hash_types_ = 0;
    std::unique_ptr<const Toeplitz> hash_;  // nothing without receive-side scaling
    std::array<std::uint8_t, kRssTableSize> table_{};
    std::array<std::uint8_t, kMaxChannels> active_{};
    std::size_t active_count_ = 1;
};

}  // namespace vmbus::host
