#include "net/netvsc/events.hpp"

#include <poll.h>
#include <rte_alarm.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/netvsc/log.hpp"

namespace vmbus::netvsc {
namespace {

constexpr std::uint64_t kSoonUs = 10;
/// The kernel takes its time to remove what it has announced as removed, and an application that is
/// told earlier might find the old device when it looks for a new one.
constexpr std::uint64_t kPresencePeriodUs = 100'000;
constexpr unsigned kPresenceChecks = 10;
constexpr std::uint64_t kWatchPeriodUs = 1'000'000;

}  // namespace

int Events::watch(Session& session) noexcept {
    {
        const std::lock_guard guard(mutex_);
        session_ = &session;
        failure_reported_ = false;
        link_news_seen_ = session.inbound().link_news();
        watchdogs_.fill({});
        activity_.fill({});
        stalled_.reset();
        lost_.reset();
        lanes_ = session.lanes();
    }
    refresh_link();
    rte_eal_alarm_set(kWatchPeriodUs, on_watch_alarm, this);
    return rte_intr_callback_register(device_.interrupt_handle(), on_interrupt, this);
}

void Events::unwatch() noexcept {
    {
        const std::lock_guard guard(mutex_);
        session_ = nullptr;
    }
    rte_eal_alarm_cancel(on_watch_alarm, this);
    if (device_.interrupt_handle() != nullptr) {
        rte_intr_callback_unregister_sync(device_.interrupt_handle(), on_interrupt, this);
    }
}

void Events::watch_lanes(std::uint16_t lanes) noexcept {
    const std::lock_guard guard(mutex_);
    lanes_ = lanes;
}

void Events::cancel_alarms() noexcept {
    rte_eal_alarm_cancel(on_alarm, this);
    rte_eal_alarm_cancel(on_presence_alarm, this);
    rte_eal_alarm_cancel(on_watch_alarm, this);
}

void Events::raise_hand(void* self) noexcept {
    rte_eal_alarm_set(kSoonUs, on_alarm, self);
}

void Events::on_alarm(void* self) noexcept {
    static_cast<Events*>(self)->look();
}

void Events::on_interrupt(void* self) noexcept {
    static_cast<Events*>(self)->read_interrupt();
}

void Events::on_presence_alarm(void* self) noexcept {
    static_cast<Events*>(self)->look_for_device();
}

void Events::on_watch_alarm(void* self) noexcept {
    static_cast<Events*>(self)->look_at_host();
}

void Events::look() noexcept {
    Health::State health = Health::kAlive;
    bool news = false;
    {
        const std::lock_guard guard(mutex_);
        if (session_ == nullptr) {
            return;
        }
        health = session_->health().state();
        const std::uint32_t said = session_->inbound().link_news();
        news = std::exchange(link_news_seen_, said) != said;
    }
    if (health != Health::kAlive) {
        report_failure(health);
    } else if (refresh_link() || news) {
        log_line(LogType::kDriver, RTE_LOG_INFO, "%s: link is %s", device_.name(),
                 ethdev_.data->dev_link.link_status == RTE_ETH_LINK_UP ? "up" : "down");
        rte_eth_dev_callback_process(&ethdev_, RTE_ETH_EVENT_INTR_LSC, nullptr);
    }
}

void Events::report_failure(Health::State reason) noexcept {
    if (std::exchange(failure_reported_, true)) {
        return;
    }
    // Of a process that died or stays, who found it has said more.
    if (reason != Health::kTorn) {
        log_line(
            LogType::kDriver, RTE_LOG_ERR, "%s: %s; the port is out of service", device_.name(),
            reason == Health::kRemoved ? "the host took the device away"
                                       : "the host broke the ring contract (see the ring xstats)");
    }
    receivers_.keep_awake();
    every_second_();
    set_link(false, 0);
    rte_eth_dev_callback_process(&ethdev_, RTE_ETH_EVENT_INTR_LSC, nullptr);
    if (reason == Health::kTorn) {
        rte_eth_dev_callback_process(&ethdev_, RTE_ETH_EVENT_INTR_RESET, nullptr);
    }
}

void Events::set_carrier_wanted(bool wanted) noexcept {
    {
        const std::lock_guard guard(mutex_);
        carrier_wanted_ = wanted;
    }
    refresh_link();
}

bool Events::refresh_link() noexcept {
    const std::lock_guard guard(mutex_);
    if (session_ == nullptr || !session_->health().alive() || !carrier_wanted_) {
        return set_link(false, 0);
    }
    const Link said = session_->inbound().link();
    const bool plugged = said == Link::kUnknown ? session_->facts().link_up : said == Link::kUp;
    const bool up = plugged && stalled_.none();
    const std::uint32_t speed = session_->inbound().speed_mbps();
    return set_link(up, speed != 0 ? speed : session_->facts().speed_mbps);
}

bool Events::set_link(bool up, std::uint32_t speed_mbps) noexcept {
    rte_eth_link link{};
    link.link_speed =
        up ? (speed_mbps != 0 ? speed_mbps : RTE_ETH_SPEED_NUM_UNKNOWN) : RTE_ETH_SPEED_NUM_NONE;
    link.link_duplex = RTE_ETH_LINK_FULL_DUPLEX;
    link.link_autoneg = RTE_ETH_LINK_AUTONEG;
    link.link_status = up ? RTE_ETH_LINK_UP : RTE_ETH_LINK_DOWN;
    return rte_eth_linkstatus_set(&ethdev_, &link) == 0;
}

/// The file is readable for interrupts, of whichever channel, and for the end.
void Events::read_interrupt() noexcept {
    pollfd ready{.fd = device_.uio_fd(), .events = POLLIN, .revents = 0};
    std::int32_t events = 0;
    if (::poll(&ready, 1, 0) <= 0) {
        return;
    }
    if (::read(ready.fd, &events, sizeof events) >= 0) {
        receivers_.answer();
        return;
    }
    if (errno != EIO) {
        return;
    }
    {
        const std::lock_guard guard(mutex_);
        if (session_ != nullptr) {
            session_->health().fail(Health::kRemoved);
        }
    }
    // The file stays readable for ever: without this the interrupt thread would spin.
    rte_intr_callback_unregister_pending(device_.interrupt_handle(), on_interrupt, this, nullptr);
    presence_checks_left_ = kPresenceChecks;
    rte_eal_alarm_set(kSoonUs, on_presence_alarm, this);
    // Last: the application hears of it, and may do what ends this object.
    report_failure(Health::kRemoved);
}

/// A host that gave a channel up says nothing, and the kernel leaves a sub-channel that it took
/// away as it was: that it does not read any more is all there is to see. Until the port is opened
/// anew, or the host is back, the link is down.
void Events::look_at_host() noexcept {
    look();  // other processes raise no hand
    every_second_();
    HostNews news;
    {
        const std::lock_guard guard(mutex_);
        if (session_ == nullptr || !session_->health().alive()) {
            return;
        }
        // What the host tells of the NIC lies in the first ring, for whoever reads it. An
        // application that only sends, and through a VF at that, never does.
        session_->lane(0).poll();
        news = look_at_lanes();
    }
    // Before the application hears of it: it may do what ends this object.
    rte_eal_alarm_set(kWatchPeriodUs, on_watch_alarm, this);
    report_host(news);
}

/// Requires: mutex_ is held; the same for the following.
Events::HostNews Events::look_at_lanes() noexcept {
    HostNews news;
    const Lanes served = served_lanes();
    for (std::uint16_t lane = 0; lane < lanes_; ++lane) {
        look_at_lane(lane, Lanes(served).reset(lane).any(), news);
    }
    if (served.none()) {
        nudge_host();
    }
    return news;
}

/// Those on which the host read or wrote since the last look.
Events::Lanes Events::served_lanes() noexcept {
    Lanes served;
    for (std::uint16_t lane = 0; lane < lanes_; ++lane) {
        auto& channel = session_->lane(lane).channel();
        // relaxed: compared with what they were a second ago.
        const std::uint32_t read = channel.tx().memory().page().out.load_relaxed();
        // relaxed: as above.
        const std::uint32_t written = channel.rx().memory().page().in.load_relaxed();
        served.set(lane, activity_[lane].look(read, written));
    }
    return served;
}

void Events::look_at_lane(std::uint16_t lane, bool others_served, HostNews& news) noexcept {
    if (session_->lane(lane).lost()) {
        // What lies unread there says nothing of the host.
        stalled_.reset(lane);
        news.lost.set(lane, !lost_[lane]);
        lost_.set(lane);
        return;
    }
    auto& ring = session_->lane(lane).channel().tx();
    Watchdog& watchdog = watchdogs_[lane];
    // relaxed: compared with what it was a second ago.
    const std::uint32_t read = ring.memory().page().out.load_relaxed();
    const bool was_dead = watchdog.dead();
    const auto found = watchdog.look(ring.bytes_in_flight(), read, others_served);
    stalled_.set(lane, watchdog.stalled());
    news.stalled.set(lane, found == Watchdog::News::kStalled);
    news.dead.set(lane, found == Watchdog::News::kDead);
    news.back.set(lane, found == Watchdog::News::kBack);
    if (news.stalled[lane]) {
        session_->count(lane, RingCount::kStalls);
    } else if (news.dead[lane]) {
        session_->count(lane, RingCount::kGivenUp);
    }
    if (watchdog.dead() != was_dead) {
        give_up(lane, watchdog.dead());
    }
}

/// Its lcores leave the rings alone, and do not sleep on them.
void Events::give_up(std::uint16_t lane, bool given_up) noexcept {
    session_->lane(lane).set_given_up(given_up);
    receivers_.set_sleep(lane, !given_up);
}

/// The host does nothing, and something is wrong: is it there? What it has not read yet on the
/// primary channel will tell; otherwise it is sent something.
void Events::nudge_host() noexcept {
    const bool doubtful = std::any_of(
        watchdogs_.begin(), watchdogs_.begin() + lanes_,
        [](const Watchdog& watchdog) { return watchdog.stalled() && !watchdog.dead(); });
    if (doubtful && session_->lane(0).channel().tx().bytes_in_flight() == 0) {
        session_->nudge();
    }
}

void Events::report_host(const HostNews& news) noexcept {
    if ((news.stalled | news.dead | news.back).any()) {
        report_stalls(news);
    }
    if ((news.dead | news.lost).any()) {
        rte_eth_dev_callback_process(&ethdev_, RTE_ETH_EVENT_INTR_RESET, nullptr);
    }
}

void Events::report_stalls(const HostNews& news) noexcept {
    for (std::size_t lane = 0; lane < news.stalled.size(); ++lane) {
        log_lane(lane, news);
    }
    refresh_link();
    rte_eth_dev_callback_process(&ethdev_, RTE_ETH_EVENT_INTR_LSC, nullptr);
}

void Events::log_lane(std::size_t lane, const HostNews& news) noexcept {
    if (news.dead[lane]) {
        log_line(LogType::kDriver, RTE_LOG_ERR,
                 "%s: the host serves its other channels, but channel %zu no more: it may have "
                 "taken it away; the link counts as down until a reset",
                 device_.name(), lane);
    } else if (news.stalled[lane]) {
        log_line(LogType::kDriver, RTE_LOG_ERR,
                 "%s: the host does not read what we send on channel %zu any more; the link "
                 "counts as down",
                 device_.name(), lane);
    } else if (news.back[lane]) {
        log_line(LogType::kDriver, RTE_LOG_NOTICE, "%s: the host reads again on channel %zu",
                 device_.name(), lane);
    }
}

void Events::look_for_device() noexcept {
    // Kernels before 6.12 keep a device that is held open: they wait for the application.
    if (!device_.present() || presence_checks_left_ == 0) {
        rte_eth_dev_callback_process(&ethdev_, RTE_ETH_EVENT_INTR_RMV, nullptr);
    } else {
        --presence_checks_left_;
        rte_eal_alarm_set(kPresencePeriodUs, on_presence_alarm, this);
    }
}

}  // namespace vmbus::netvsc
