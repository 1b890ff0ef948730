#include "host/rx_delivery.hpp"

#include <algorithm>
#include <utility>

namespace vmbus::host {

void RxDelivery::configure(const RssConfig& rss, std::size_t channels, ReceiveBuffer& receive) {
    spread_.configure(rss, channels);
    receive.share(spread_.active());
    no_room_since_.fill(std::nullopt);
    const std::size_t active = spread_.active().size();
    const auto shares = piece_shares(receive.count(), active);
    enough_ = active > 1 && shares ? std::min(batch(), shares->each / 4) : 1;
    short_since_.fill(std::nullopt);
}

bool RxDelivery::turn(const NicChannels& channels) noexcept {
    std::size_t left = kFramesPerTurn;
    while (left > 0) {
        const std::size_t wanted = std::min<std::size_t>(room(channels), left);
        const std::size_t got = wanted == 0 ? 0 : port_.receive(std::span(frames_).first(wanted));
        if (got == 0) {
            break;
        }
        left -= got;
        for (std::size_t i = 0; i < got; ++i) {
            channel_of_[i] = static_cast<std::uint8_t>(spread_.place(frames_[i], placed_[i]));
        }
        deliver(channels, std::span(placed_).first(got));
        if (got < wanted) {
            break;
        }
    }
    return left < kFramesPerTurn;
}

/// A packet's worth for each channel that frames go to, and no more than the least that any
/// has room for. One that is stuck does not count, unless all are.
std::uint32_t RxDelivery::room(const NicChannels& channels) noexcept {
    std::uint32_t least = batch();
    bool any = false;
    for (const std::uint8_t channel : spread_.active()) {
        const std::uint32_t here = channels[channel]->is_dead() ? 0 : channels[channel]->room();
        stuck_[channel] = channels[channel]->is_dead() || is_stuck(channel, here);
        if (!stuck_[channel]) {
            least = std::min(least, rests(channel, here) ? 0 : here);
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

/// The frames of a batch go to all channels, so one that is short of room makes all packets small,
/// and small packets make a busy guest slower still. It is given a moment to get more back.
bool RxDelivery::rests(std::size_t channel, std::uint32_t room) noexcept {
    auto& since = short_since_[channel];
    if (room >= enough_) {
        since.reset();
        return false;
    }
    const auto now = Clock::now();
    if (since && now - *since >= kRest) {
        since = now;
        return false;
    }
    since = since.value_or(now);
    return true;
}

/// A packet's worth for each channel that frames go to.
std::uint32_t RxDelivery::batch() const noexcept {
    return std::min(kBatch,
                    RxPath::kFramesPerPacket * static_cast<std::uint32_t>(spread_.active().size()));
}

/// To each channel its frames, in the order of the port. What the next channel will
/// write to is fetched while this one writes.
void RxDelivery::deliver(const NicChannels& channels, std::span<const RxFrame> frames) noexcept {
    const auto active = spread_.active();
    if (active.size() == 1) {
        channels[active[0]]->expect(frames);
        channels[active[0]]->deliver(frames);
        return;
    }
    sort_by_channel(frames);
    const auto expect = [&](std::size_t i) {
        if (i < active.size() && !stuck_[active[i]]) {
            channels[active[i]]->expect(own(active[i]));
        }
    };
    expect(0);
    for (std::size_t i = 0; i < active.size(); ++i) {
        expect(i + 1);
        const auto mine = own(active[i]);
        if (!mine.empty() && stuck_[active[i]]) {
            channels[active[i]]->drop(Drop::kRxChannelStuck, mine.size());
        } else if (!mine.empty()) {
            channels[active[i]]->deliver(mine);
        }
    }
}

void RxDelivery::sort_by_channel(std::span<const RxFrame> frames) noexcept {
    for (const std::uint8_t channel : spread_.active()) {
        shares_[channel] = {};
    }
    for (std::size_t i = 0; i < frames.size(); ++i) {
        ++shares_[channel_of_[i]].end;
    }
    std::uint32_t start = 0;
    for (const std::uint8_t channel : spread_.active()) {
        Share& share = shares_[channel];
        share.begin = start;
        start += std::exchange(share.end, start);
    }
    for (std::size_t i = 0; i < frames.size(); ++i) {
        sorted_[shares_[channel_of_[i]].end++] = frames[i];
    }
}

}  // namespace vmbus::host
