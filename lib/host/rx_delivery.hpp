// RxDelivery: from the port to the channels of a NIC. It asks the port for no more frames than
// every channel that they may go to has room for, so that nothing is lost when the guest is slow.
// A channel that the guest does not serve at all must not stop the others: after a while its frames
// are dropped, as hosts drop them.
// Owned by the session; host thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/conversation.hpp"
#include "host/nic_channel.hpp"
#include "host/rx_spread.hpp"

namespace vmbus::host {

using NicChannels = std::vector<std::unique_ptr<NicChannel>>;

class RxDelivery {
public:
    static constexpr std::uint32_t kFramesPerTurn = 256;
    static constexpr std::chrono::milliseconds kPatience{20};
    /// For which a channel that is short of pieces is left to get more of them back.
    static constexpr std::chrono::microseconds kRest{50};

    explicit RxDelivery(Port& port) noexcept : port_(port) {}

    /// The guest set `rss` or opened channels: the pieces of the receive buffer are dealt anew.
    void configure(const RssConfig& rss, std::size_t channels, ReceiveBuffer& receive);

    /// A turn's worth. True when something was delivered or dropped.
    bool turn(const NicChannels& channels) noexcept;

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::uint32_t kBatch = RxPath::kMostFrames;

    std::uint32_t batch() const noexcept;
    std::uint32_t room(const NicChannels& channels) noexcept;
    bool is_stuck(std::size_t channel, std::uint32_t room) noexcept;
    bool rests(std::size_t channel, std::uint32_t room) noexcept;
    void deliver(const NicChannels& channels, std::span<const RxFrame> frames) noexcept;
    void sort_by_channel(std::span<const RxFrame> frames) noexcept;
    /// Of the frames that are sorted: those of a channel.
    std::span<const RxFrame> own(std::size_t channel) const noexcept {
        return std::span(sorted_).subspan(shares_[channel].begin,
                                          shares_[channel].end - shares_[channel].begin);
    }

    Port& port_;
    RxSpread spread_;
    std::array<std::optional<Clock::time_point>, kMaxChannels> no_room_since_{};
    std::array<bool, kMaxChannels> stuck_{};  // of this batch
    std::uint32_t enough_ = 1;                ///< room for a batch that is worth its while
    std::array<std::optional<Clock::time_point>, kMaxChannels> short_since_{};
    std::array<Frame, kBatch> frames_{};
    std::array<RxFrame, kBatch> placed_{};
    std::array<RxFrame, kBatch> sorted_{};
    struct Share {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
    };
    std::array<Share, kMaxChannels> shares_{};  ///< of sorted_, by channel
    std::array<std::uint8_t, kBatch> channel_of_{};
};

}  // namespace vmbus::host
