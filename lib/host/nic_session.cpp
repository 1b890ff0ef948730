#include "host/nic_session.hpp"

#include <cstddef>
#include <iterator>
#include <utility>

#include "host/ring_pair.hpp"

namespace vmbus::host {

std::unique_ptr<NicSession> NicSession::open(const NicContext& nic, GuestMemory& memory,
                                             base::MutableBytes rings, ChannelCounters& counters) {
    std::unique_ptr<NicSession> session(new NicSession(nic, memory, counters));
    return session->add_channel(rings) ? std::move(session) : nullptr;
}

bool NicSession::add_channel(base::MutableBytes rings) {
    const auto pair = make_ring_pair(rings);
    if (!pair || channels_.size() == kMaxChannels) {
        return false;
    }
    const std::size_t index = channels_.size();
    channels_.push_back(std::make_unique<NicChannel>(all_, static_cast<std::uint32_t>(index),
                                                     pair->from_guest, pair->to_guest,
                                                     counters_[index]));
    return true;
}

bool NicSession::open_channel(base::MutableBytes rings) {
    if (channels_.size() >= granted() || !add_channel(rings)) {
        return false;
    }
    spread_anew();
    return true;
}

/// The guest changed its receive-side scaling, or the channels are others.
void NicSession::spread_anew() noexcept {
    rss_changes_ = all_.rndis.rss_changes();
    if (all_.receive.attached()) {
        delivery_.configure(all_.rndis.rss(), channels_.size(), all_.receive);
    }
}

/// Which channel the guest should send a flow on: said once when all channels that it asked for are
/// there. True when that is done.
bool NicSession::send_table() noexcept {
    if (tables_sent_ == all_.nvsp.grants() || channels_.size() < granted()) {
        return true;
    }
    wire::NvspSendIndirectionTable message{
        .type = static_cast<std::uint32_t>(wire::NvspType::kSendIndirectionTable),
        .count = std::size(message.table),
        .offset = offsetof(wire::NvspSendIndirectionTable, table),
        .table = {}};
    for (std::size_t i = 0; i < std::size(message.table); ++i) {
        message.table[i] = static_cast<std::uint32_t>(i % channels_.size());
    }
    if (!channels_[0]->outbox().send({.payload = base::bytes_of(message)})) {
        return false;
    }
    tables_sent_ = all_.nvsp.grants();
    return true;
}

bool NicSession::deliver() noexcept {
    if (rss_changes_ != all_.rndis.rss_changes()) {
        spread_anew();
    }
    all_.nic.port.guest_holds(all_.receive.lent_data());
    // What comes from the port meanwhile is the virtual function's, which nobody emulates: it
    // waits.
    return all_.is_receiving() && !all_.vf.on_vf() && delivery_.turn(channels_);
}

bool NicSession::turn() noexcept {
    bool busy = false;
    if (all_.nic.faults.active() && all_.nic.faults.now() < all_.paused_until) {
        return true;
    }
    for (const auto& channel : channels_) {
        busy |= !all_.silent && channel->serve();
    }
    if (all_.is_ready() && !all_.silent && !channels_[0]->is_dead()) {
        busy |= send_table() && all_.rndis.flush(all_.receive, channels_[0]->outbox());
        busy |= all_.vf.flush(all_.may_know_of_vf(), channels_[0]->outbox());
        busy |= deliver();
    }
    for (const auto& channel : channels_) {
        channel->check_outbox();
    }
    return busy;
}

unsigned NicSession::take_link_flaps() noexcept {
    return std::exchange(all_.link_flaps, 0);
}

}  // namespace vmbus::host
