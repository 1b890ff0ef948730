#include "net/netvsc/vf.hpp"

#include <rte_alarm.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "net/netvsc/log.hpp"
#include "net/netvsc/patience.hpp"
#include "net/netvsc/rx.hpp"
#include "net/netvsc/tx.hpp"

namespace vmbus::netvsc {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kSoonUs = 10;
constexpr std::uint64_t kAgainUs = 20'000;
/// Steps that one look takes: a host that never stops talking does not keep the thread.
constexpr unsigned kSteps = 16;
/// How long a burst may take to leave the VF: an lcore that is not scheduled, no more.
constexpr std::chrono::milliseconds kLeave{1000};
/// For what the VF received before the host moved the path.
constexpr std::chrono::milliseconds kLastFrames{5};
/// Looks until an lcore must have left, when the application stops the port.
constexpr unsigned kStopLooks = 5;

}  // namespace

void Vf::bind(Session& session) noexcept {
    if (!enabled_) {
        return;
    }
    if (!std::exchange(watching_, true)) {
        rte_eth_dev_callback_register(RTE_ETH_ALL, RTE_ETH_EVENT_NEW, on_new_port, this);
        rte_eth_dev_callback_register(RTE_ETH_ALL, RTE_ETH_EVENT_INTR_RMV, on_removal, this);
    }
    session.link().poll();  // a host that has a VF has said so by now
    const std::lock_guard guard(mutex_);
    session_ = &session;
    mac_ = session.facts().mac;
    host_on_vf_ = false;
    machine_.forget();
    advance();
}

void Vf::unbind() noexcept {
    const std::lock_guard guard(mutex_);
    session_ = nullptr;
}

void Vf::kick() noexcept {
    // sync vf.ask -> vf.answer: the news before the question; one question is enough.
    if (enabled_ && asked_.exchange_seq_cst(1) == 0) {
        rte_eal_alarm_set(kSoonUs, on_alarm, this);
    }
}

void Vf::on_alarm(void* self) noexcept {
    Vf& vf = *static_cast<Vf*>(self);
    // sync vf.answer -> vf.ask: whoever asks from now on is answered by another look.
    vf.asked_.exchange_seq_cst(0);
    const std::lock_guard guard(vf.mutex_);
    vf.advance();
}

int Vf::on_new_port(std::uint16_t port, rte_eth_event_type /*event*/, void* self,
                    void* /*ret*/) noexcept {
    Vf& vf = *static_cast<Vf*>(self);
    if (port == vf.ours_.data->port_id) {
        return 0;
    }
    {
        // Taken now, before the application sees it; set up when it is attached.
        const std::lock_guard guard(vf.mutex_);
        vf.machine_.ports_changed();
        if (vf.machine_.next() == VfStep::kClaim) {
            vf.machine_.done(VfStep::kClaim, vf.claim());
        }
    }
    vf.kick();
    return 0;
}

int Vf::on_removal(std::uint16_t port, rte_eth_event_type /*event*/, void* self,
                   void* /*ret*/) noexcept {
    Vf& vf = *static_cast<Vf*>(self);
    // relaxed: kick() orders it. The removal of another port must not take the place of ours.
    if (vf.claimed_port_.load_relaxed() == port) {
        vf.removed_port_.store_relaxed(port);
    }
    vf.kick();
    return 0;
}

void Vf::set_running(bool running) noexcept {
    {
        const std::lock_guard guard(mutex_);
        running_ = running;
        for (unsigned i = 0; !running && i < kStopLooks; ++i) {
            advance();
            if (machine_.stage() < VfStage::kReady) {
                return;
            }
        }
    }
    kick();
}

void Vf::renew() noexcept {
    {
        const std::lock_guard guard(mutex_);
        if (!running_) {
            return;
        }
    }
    set_running(false);
    set_running(true);
}

void Vf::set_promiscuous(bool on) noexcept {
    const std::lock_guard guard(mutex_);
    filters_.promiscuous = on;
    apply_filters();
}

void Vf::set_all_multicast(bool on) noexcept {
    const std::lock_guard guard(mutex_);
    filters_.all_multicast = on;
    apply_filters();
}

void Vf::set_groups(std::span<const oids::MacAddress> groups) noexcept {
    const std::lock_guard guard(mutex_);
    filters_.groups.assign(groups.begin(), groups.end());
    apply_filters();
}

/// A VF that is not set up yet gets them then. Requires: mutex_ is held.
void Vf::apply_filters() noexcept {
    if (machine_.stage() >= VfStage::kReady) {
        port_.apply_filters(filters_);
    }
}

void Vf::set_rss(const RssSettings& rss) noexcept {
    const std::lock_guard guard(mutex_);
    rss_ = rss;
    if (machine_.stage() >= VfStage::kReady) {
        port_.apply_rss(rss_);
    }
}

void Vf::close() noexcept {
    {
        const std::lock_guard guard(mutex_);
        session_ = nullptr;
        running_ = false;
        machine_.forget();
        advance();
        if (machine_.stage() != VfStage::kNone) {
            log_line(LogType::kDriver, RTE_LOG_ERR, "%s: VF: a burst never left it", name_);
        }
    }
    if (std::exchange(watching_, false)) {
        while (rte_eth_dev_callback_unregister(RTE_ETH_ALL, RTE_ETH_EVENT_NEW, on_new_port, this) ==
               -EAGAIN) {
            std::this_thread::yield();
        }
        while (rte_eth_dev_callback_unregister(RTE_ETH_ALL, RTE_ETH_EVENT_INTR_RMV, on_removal,
                                               this) == -EAGAIN) {
            std::this_thread::yield();
        }
    }
    rte_eal_alarm_cancel(on_alarm, this);
}

/// Takes over what is so now.
void Vf::look() noexcept {
    const bool alive = session_ != nullptr && session_->health().alive();
    if (session_ != nullptr) {
        const VfNews& news = session_->inbound().vf_news();
        machine_.hear(news.offer(), news.path_taken());
    }
    machine_.set_running(running_ && alive);
    // relaxed: vf.answer came before.
    const std::uint32_t removed = removed_port_.load_relaxed();
    if (removed == kNoPort) {
        return;
    }
    // relaxed: a port goes once, so no other removal is overwritten.
    removed_port_.store_relaxed(kNoPort);
    if (port_.is(static_cast<std::uint16_t>(removed))) {
        machine_.port_lost();
    }
}

void Vf::advance() noexcept {
    for (unsigned i = 0; i < kSteps; ++i) {
        look();
        const VfStep step = machine_.next();
        if (step == VfStep::kNothing) {
            return;
        }
        const bool success = take(step);
        machine_.done(step, success);
        if (!success && step == VfStep::kSwitchOff) {
            rte_eal_alarm_set(kAgainUs, on_alarm, this);
            return;
        }
    }
    kick();
}

bool Vf::take(VfStep step) noexcept {
    switch (step) {
        case VfStep::kNothing: return true;
        case VfStep::kClaim: return claim();
        case VfStep::kPrepare: return prepare();
        case VfStep::kSwitchOn: return switch_on();
        case VfStep::kSwitchOff: return switch_off();
        case VfStep::kStop: stop(); return true;
        case VfStep::kRelease: release(); return true;
    }
    return true;
}

bool Vf::failed(const char* what, int error) noexcept {
    counters_[Count::kFailures].add();
    log_line(LogType::kDriver, RTE_LOG_WARNING, "%s: VF: %s (%s); the synthetic path stays", name_,
             what, std::strerror(-error));
    return false;
}

bool Vf::claim() noexcept {
    const std::uint32_t serial = machine_.offer().serial;
    const int error = port_.claim(mac_, serial);
    if (error == -ENODEV) {
        log_line(LogType::kDriver, RTE_LOG_INFO, "%s: VF %u is offered: %s", name_, serial,
                 port_.problem());
        return false;
    }
    if (error != 0) {
        return failed(port_.problem(), error);
    }
    // relaxed: a port that is removed was claimed long before.
    claimed_port_.store_relaxed(port_.id());
    log_line(LogType::kDriver, RTE_LOG_NOTICE, "%s: VF %u is port %u, ours from now on", name_,
             serial, unsigned{port_.id()});
    return true;
}

bool Vf::prepare() noexcept {
    if (const int error = port_.prepare(filters_, rss_); error != 0) {
        return failed(port_.problem(), error);
    }
    stats_.begin(port_.id());
    return true;
}

/// Frames may come through the VF from the host's switch on, and go there after it only.
bool Vf::switch_on() noexcept {
    each_rx_gate([&](VfGate& gate, VfQueue to) { gate.open(to); });
    each_rx_bell([](RxBell& bell) { bell.keep_awake(RxBell::State::kVf); });
    const int error = session_->switch_data_path(wire::kVfPath);
    // A host that did not answer in time moves it yet, perhaps.
    host_on_vf_ = error == 0 || error == -ETIMEDOUT;
    if (error != 0) {
        give_path_back();
        close_gates(true);
        return failed("the host does not switch", error);
    }
    each_tx_gate([&](VfGate& gate, VfQueue to) { gate.open(to); });
    // relaxed: a figure.
    active_.store_relaxed(1);
    counters_[Count::kToVf].add();
    log_line(LogType::kDriver, RTE_LOG_NOTICE, "%s: data path: VF, port %u", name_,
             unsigned{port_.id()});
    return true;
}

/// Also with a host that has moved it: it then finds it where it should be.
void Vf::give_path_back() noexcept {
    const bool alive = session_ != nullptr && session_->health().alive();
    if (std::exchange(host_on_vf_, false) && alive) {
        if (const int error = session_->switch_data_path(wire::kSyntheticPath); error != 0) {
            failed("the host does not switch back", error);
        }
    }
}

bool Vf::switch_off() noexcept {
    const auto begin = Clock::now();
    const bool sent = close_gates(false);
    give_path_back();
    if (running_ && !machine_.lost()) {
        std::this_thread::sleep_for(kLastFrames);
    }
    if (!close_gates(true) || !sent) {
        return false;
    }
    const auto gap = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
    // relaxed: figures.
    gap_us_.store_relaxed(static_cast<std::uint64_t>(gap.count()));
    active_.store_relaxed(0);
    counters_[Count::kToSynthetic].add();
    log_line(LogType::kDriver, RTE_LOG_NOTICE, "%s: data path: synthetic, after %lld us", name_,
             static_cast<long long>(gap.count()));
    return true;
}

void Vf::stop() noexcept {
    if (machine_.lost()) {
        stats_.lose();
    } else {
        stats_.end();
    }
    if (const int error = port_.stop(); error != 0) {
        failed("its port does not stop", error);
    }
}

void Vf::release() noexcept {
    // relaxed: as where it is claimed.
    claimed_port_.store_relaxed(kNoPort);
    counters_[Count::kRemovals].add();
    log_line(LogType::kDriver, RTE_LOG_NOTICE, "%s: VF: port %u is not ours any more", name_,
             unsigned{port_.id()});
    if (machine_.lost()) {
        port_.release_lost();
    } else {
        port_.release();
    }
}

VfFigures Vf::figures() const noexcept {
    VfFigures figures{.stats = stats_.read()};
    // relaxed: figures for people.
    figures.active = active_.load_relaxed();
    figures.last_switch_back_us = gap_us_.load_relaxed();
    figures.switches_to_vf = counters_[Count::kToVf].value();
    figures.switches_to_synthetic = counters_[Count::kToSynthetic].value();
    figures.removals = counters_[Count::kRemovals].value();
    figures.failures = counters_[Count::kFailures].value();
    return figures;
}

void Vf::reset_stats() noexcept {
    stats_.reset();
    counters_.reset();
}

template <class Do>
void Vf::each_rx_gate(Do&& act) noexcept {
    for (std::uint16_t q = 0; q < ours_.data->nb_rx_queues; ++q) {
        if (auto* queue = static_cast<RxQueue*>(ours_.data->rx_queues[q]); queue != nullptr) {
            act(queue->vf, VfQueue{.port = port_.id(), .queue = q});
        }
    }
}

template <class Do>
void Vf::each_rx_bell(Do&& act) noexcept {
    for (std::uint16_t q = 0; q < ours_.data->nb_rx_queues; ++q) {
        if (auto* queue = static_cast<RxQueue*>(ours_.data->rx_queues[q]); queue != nullptr) {
            act(queue->bell);
        }
    }
}

template <class Do>
void Vf::each_tx_gate(Do&& act) noexcept {
    for (std::uint16_t q = 0; q < ours_.data->nb_tx_queues; ++q) {
        if (auto* queue = static_cast<TxQueue*>(ours_.data->tx_queues[q]); queue != nullptr) {
            act(queue->vf, VfQueue{.port = port_.id(), .queue = q});
        }
    }
}

/// True when no burst is inside any more, and none can get in.
bool Vf::close_gates(bool rx) noexcept {
    bool empty = true;
    const auto each = [&](auto&& act) { rx ? each_rx_gate(act) : each_tx_gate(act); };
    each([](VfGate& gate, VfQueue) { gate.close(); });
    each(
        [&](VfGate& gate, VfQueue) { empty &= done_within(kLeave, [&] { return gate.empty(); }); });
    if (rx) {
        each_rx_bell([](RxBell& bell) { bell.let_sleep(RxBell::State::kVf); });
    }
    return empty;
}

}  // namespace vmbus::netvsc
