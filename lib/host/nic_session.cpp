#include "host/nic_session.hpp"

#include <algorithm>
#include <utility>

namespace vmbus::host {
namespace {

base::Result<ring::MappedRing> half_of(base::MutableBytes rings, bool second) noexcept {
    const std::size_t half = rings.size() / 2;
    return ring::MappedRing::view(rings.subspan(second ? half : 0, half), sizeof(wire::RingPage));
}

}  // namespace

std::unique_ptr<NicSession> NicSession::open(const NicContext& nic, GuestMemory& memory,
                                             base::MutableBytes rings, ChannelCounters& counters) {
    std::unique_ptr<NicSession> session(new NicSession(nic, memory, counters));
    return session->add_channel(rings) ? std::move(session) : nullptr;
}

bool NicSession::add_channel(base::MutableBytes rings) {
    auto from_guest = half_of(rings, false);
    auto to_guest = half_of(rings, true);
    if (!from_guest || !to_guest || channels_.size() == kMaxChannels) {
        return false;
    }
    ring::initialise(from_guest.value());
    ring::initialise(to_guest.value());
    channels_.push_back(std::make_unique<NicChannel>(all_, from_guest.value(), to_guest.value(),
                                                     counters_[channels_.size()]));
    return true;
}

bool NicSession::turn() noexcept {
    bool busy = false;
    for (const auto& channel : channels_) {
        busy |= !all_.silent && channel->serve();
    }
    if (all_.is_ready() && !all_.silent) {
        busy |= !channels_[0]->is_dead() && all_.rndis.flush(all_.receive, channels_[0]->outbox());
        busy |= channels_[0]->deliver();
    }
    for (const auto& channel : channels_) {
        channel->check_outbox();
    }
    return busy;
}

bool NicSession::arm() noexcept {
    bool armed = true;
    for (const auto& channel : channels_) {
        armed &= all_.silent || channel->arm();
    }
    return armed;
}

void NicSession::wake() noexcept {
    for (const auto& channel : channels_) {
        channel->wake();
    }
}

void NicSession::wake(std::size_t channel) noexcept {
    if (channel < channels_.size()) {
        channels_[channel]->wake();
    }
}

bool NicSession::is_dead() const noexcept {
    return std::any_of(channels_.begin(), channels_.end(),
                       [](const auto& channel) { return channel->is_dead(); });
}

unsigned NicSession::take_link_flaps() noexcept {
    return std::exchange(all_.link_flaps, 0);
}

}  // namespace vmbus::host
