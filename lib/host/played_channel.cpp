#include "host/played_channel.hpp"

namespace vmbus::host {

PlayedChannel::PlayedChannel(const NicContext& nic, std::uint32_t index, const RingPair& rings,
                             const ReceiveBuffer& receive, Counters& counters)
    : violations_(nic.violations),
      counters_(counters),
      tap_(nic.recorder, {.nic = nic.number, .channel = static_cast<std::uint16_t>(index)},
           receive),
      reader_(rings.from_guest),
      outbox_(rings.to_guest, no_sections_, nic.interrupt, counters, {nic.faults, index}, index) {
    if (tap_.active()) {
        outbox_.set_tap(tap_);
    }
    reader_.mask();
    ++counters_.opens;
}

bool PlayedChannel::next(ring::PacketView& view) noexcept {
    const bool may = !armed_ && !dead_ && outbox_.room() > 0;
    if (may && reader_.poll() && reader_.next(view)) {
        ++counters_.tx_ring_packets;
        return true;
    }
    if (!dead_ && reader_.error() != ring::PacketError::kNone) {
        die(violation_of(reader_.error()));
    }
    return false;
}

bool PlayedChannel::end_turn() noexcept {
    if (dead_) {
        return false;
    }
    outbox_.interrupt_if(reader_.release());
    const bool sent = outbox_.flush();
    if (outbox_.broken()) {
        die(Violation::kRingBadReadIndex);
    }
    return sent;
}

void PlayedChannel::die(Violation why) noexcept {
    violations_.record(why);
    dead_ = true;
}

bool PlayedChannel::arm() noexcept {
    if (dead_ || armed_) {
        return true;
    }
    if (!outbox_.may_sleep()) {
        return false;
    }
    armed_ = !reader_.unmask_and_recheck();
    if (!armed_) {
        reader_.mask();
    }
    return armed_;
}

void PlayedChannel::wake() noexcept {
    if (armed_) {
        armed_ = false;
        reader_.mask();
    }
}

}  // namespace vmbus::host
