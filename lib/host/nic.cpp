#include "host/nic.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vmbus::host {

Nic::Nic(NicSpec spec, const NicMemory& memory, Port& port, Interrupt& interrupt)
    : spec_(std::move(spec)),
      memory_(memory),
      port_(port),
      interrupt_(interrupt),
      link_speed_(spec_.speed),
      vf_{.present = spec_.vf.has_value(), .serial = spec_.vf.value_or(0)} {}

Nic::~Nic() = default;

NicContext Nic::context() noexcept {
    return {.spec = spec_,
            .buffers = memory_.buffers,
            .port = port_,
            .interrupt = interrupt_,
            .link_up = link_up_,
            .link_speed = link_speed_,
            .vf = vf_,
            .faults = faults_,
            .violations = violations_,
            .counters = counters_,
            .channels = channel_counters_,
            .clock = clock_,
            .recorder = recorder_,
            .number = number_};
}

bool Nic::open(GuestMemory& memory) noexcept {
    close();
    if (playback_ != nullptr) {
        session_ =
            PlayedSession::open(context(), memory, memory_.rings, channel_counters_, *playback_);
    } else {
        session_ = NicSession::open(context(), memory, memory_.rings, channel_counters_);
    }
    return session_ != nullptr;
}

void Nic::close() noexcept {
    if (session_ != nullptr) {
        session_.reset();
        port_.guest_closed();
        if (faults_.active() && faults_.due(Fault::kTouchAfterClose)) {
            touch_after_close();
        }
    }
}

/// As a host does that never let go of the memory: a guest must not have used it for anything else.
void Nic::touch_after_close() noexcept {
    constexpr std::byte kGarbage{0xA5};
    std::fill(memory_.rings.begin(), memory_.rings.end(), kGarbage);
    const auto& receive = memory_.buffers.receive;
    std::fill_n(receive.begin(), std::min<std::size_t>(receive.size(), 1U << 20), kGarbage);
}

std::size_t Nic::granted() const noexcept {
    return session_ == nullptr ? 0 : session_->granted();
}

bool Nic::open_channel(base::MutableBytes rings) {
    return session_ != nullptr && session_->open_channel(rings);
}

bool Nic::is_dead() const noexcept {
    return session_ != nullptr && session_->is_dead();
}

bool Nic::is_receiving() const noexcept {
    return session_ != nullptr && session_->is_receiving();
}

bool Nic::on_vf() const noexcept {
    return session_ != nullptr && session_->on_vf();
}

bool Nic::poll() noexcept {
    ++counters_.polls;
    if (faults_.active()) {
        faults_.begin_turn(std::chrono::steady_clock::now());
    }
    const bool busy = session_ != nullptr && session_->turn();
    for (unsigned flaps = busy ? session_->take_link_flaps() : 0; flaps > 0; --flaps) {
        set_link(!link_up_);
        set_link(!link_up_);
    }
    counters_.busy_polls += busy ? 1 : 0;
    counters_.faults = faults_.struck();
    return busy;
}

bool Nic::idle_arm() noexcept {
    return session_ == nullptr || session_->arm();
}

void Nic::wake() noexcept {
    if (session_ != nullptr) {
        session_->wake();
    }
}

void Nic::doorbell(std::size_t channel) noexcept {
    if (channel >= kMaxChannels) {
        return;
    }
    ++channel_counters_[channel].signals_from_guest;
    if (session_ != nullptr) {
        session_->wake(channel);
    }
}

void Nic::set_link(bool up) noexcept {
    link_up_ = up;
    if (session_ != nullptr) {
        session_->indicate_link(up);
    }
}

void Nic::set_link_speed(std::uint64_t bits_per_second) noexcept {
    link_speed_ = bits_per_second;
    if (session_ != nullptr) {
        session_->indicate_speed();
    }
}

void Nic::indicate_offload() noexcept {
    if (session_ != nullptr) {
        session_->indicate_offload();
    }
}

NicCounters Nic::counters() const noexcept {
    NicCounters sum = counters_;
    for (const Counters& channel : channel_counters_) {
        sum += channel;
    }
    return sum;
}

std::size_t Nic::channels() const noexcept {
    return session_ == nullptr ? 0 : session_->channels();
}

void Nic::inherit(const Nic& before) {
    counters_ = before.counters_;
    channel_counters_ = before.channel_counters_;
    violations_ = before.violations_;
    faults_ = before.faults_;
    link_up_ = before.link_up_;
    link_speed_ = before.link_speed_;
    vf_ = before.vf_;
    playback_ = before.playback_;
}

}  // namespace vmbus::host
