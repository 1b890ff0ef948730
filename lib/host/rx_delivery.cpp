#include "host/rx_delivery.hpp"

#include <algorithm>

namespace vmbus::host {

void RxDelivery::configure(const RssConfig& rss, std::size_t channels, ReceiveBuffer& receive) {
    spread_.configure(rss, channels);
    receive.share(spread_.active());
    no_room_since_.fill(std::nullopt);
}

bool RxDelivery::turn(const NicChannels& channels) noexcept {
    bool busy = false;
    for (unsigned batch = 0; batch < kBatchesPerTurn; ++batch) {
        const std::uint32_t wanted = room(channels);
        const std::size_t got = wanted == 0 ? 0 : port_.receive(std::span(frames_).first(wanted));
        if (got == 0) {
            break;
        }
        busy = true;
        for (std::size_t i = 0; i < got; ++i) {
            channel_of_[i] = static_cast<std::uint8_t>(spread_.place(frames_[i], placed_[i]));
        }
        deliver(channels, std::span(placed_).first(got));
        if (got < wanted) {
            break;
        }
    }
    return busy;
}

/// The least that any channel has room for. One that is stuck does not count, unless all are.
std::uint32_t RxDelivery::room(const NicChannels& channels) noexcept {
    std::uint32_t least = kBatch;
    bool any = false;
    for (const std::uint8_t channel : spread_.active()) {
        const std::uint32_t here = channels[channel]->is_dead() ? 0 : channels[channel]->room();
        stuck_[channel] = channels[channel]->is_dead() || is_stuck(channel, here);
        if (!stuck_[channel]) {
            least = std::min(least, here);
            any = true;
        }
    }
    return any ? least : 0;
}

bool RxDelivery::is_stuck(std::size_t channel, std::uint32_t room) noexcept {
    auto& since = no_room_since_[channel];
    if (room > 0 || spread_.active().size() == 1) {
        since.reset();
        return false;
    }
    const auto now = Clock::now();
    if (!since) {
        since = now;
    }
    return now - *since > kPatience;
}

/// One packet for each channel, its frames in the order of the port.
void RxDelivery::deliver(const NicChannels& channels, std::span<const RxFrame> frames) noexcept {
    if (spread_.active().size() == 1) {
        channels[spread_.active()[0]]->deliver(frames);
        return;
    }
    std::array<RxFrame, kBatch> own;
    for (const std::uint8_t channel : spread_.active()) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < frames.size(); ++i) {
            if (channel_of_[i] == channel) {
                own[count++] = frames[i];
            }
        }
        if (count > 0 && stuck_[channel]) {
            channels[channel]->drop(Drop::kRxChannelStuck, count);
        } else if (count > 0) {
            channels[channel]->deliver(std::span<const RxFrame>(own).first(count));
        }
    }
}

}  // namespace vmbus::host
