// What a session does to all of its channels alike, whichever kind of session and channel it is.
// `channels` holds pointers to them, the primary first. Host thread only.
#pragma once

#include <algorithm>
#include <cstddef>

namespace vmbus::host {

/// Asks the guest to signal on each. False when any has something to do first.
template <class Channels>
bool arm_all(const Channels& channels) noexcept {
    bool armed = true;
    for (const auto& channel : channels) {
        armed &= channel->arm();
    }
    return armed;
}

template <class Channels>
void wake_all(const Channels& channels) noexcept {
    for (const auto& channel : channels) {
        channel->wake();
    }
}

/// One of them, if there is one of that index.
template <class Channels>
void wake_one(const Channels& channels, std::size_t index) noexcept {
    if (index < channels.size()) {
        channels[index]->wake();
    }
}

template <class Channels>
bool is_any_dead(const Channels& channels) noexcept {
    return std::any_of(channels.begin(), channels.end(),
                       [](const auto& channel) { return channel->is_dead(); });
}

}  // namespace vmbus::host
