// Events: what happens to a port outside its bursts: the host interrupts, changes the link, breaks
// the contract, or takes the device away. Bursts only raise a hand (attention()); the interrupt
// thread looks, brings dev_link up to date, and tells the application. Owned by the port. watch()
// and unwatch(): control threads; the rest: EAL's interrupt thread.
#pragma once

#include <ethdev_driver.h>

#include <array>
#include <bitset>
#include <mutex>

#include "bus/vmbus/device.hpp"
#include "net/netvsc/control/session.hpp"
#include "net/netvsc/rx_interrupts.hpp"
#include "net/netvsc/watchdog.hpp"

namespace vmbus::netvsc {

class Events {
public:
    /// `every_second` is called by the interrupt thread while a session is watched, and when it
    /// ends badly.
    Events(bus::Device& device, rte_eth_dev& ethdev, RxInterrupts& receivers,
           Attention every_second) noexcept
        : device_(device), ethdev_(ethdev), receivers_(receivers), every_second_(every_second) {}
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;
    ~Events() { cancel_alarms(); }

    /// For the session: may be called by any thread, also on the data path, where it is rare.
    Attention attention() noexcept { return {raise_hand, this}; }

    /// From now on the session's news reach the application. 0 or -errno.
    int watch(Session& session) noexcept;
    /// After this the session is not looked at any more, and may be destroyed.
    void unwatch() noexcept;
    /// When no thread can raise a hand any more.
    void cancel_alarms() noexcept;

    /// The session has so many lanes by now: whether the host serves them is watched. Requires: no
    /// lane goes, and none moves, until unwatch().
    void watch_lanes(std::uint16_t lanes) noexcept;

    /// Whether the application wants the link up; without, it is shown as down.
    void set_carrier_wanted(bool wanted) noexcept;

    /// Takes over what the session knows of the link. True when dev_link has changed.
    bool refresh_link() noexcept;

private:
    static void raise_hand(void* self) noexcept;
    static void on_alarm(void* self) noexcept;
    static void on_interrupt(void* self) noexcept;
    static void on_presence_alarm(void* self) noexcept;
    static void on_watch_alarm(void* self) noexcept;

    void look() noexcept;
    void read_interrupt() noexcept;
    void look_for_device() noexcept;
    void look_at_host() noexcept;
    using Lanes = std::bitset<kMaxQueues>;
    struct HostNews {
        Lanes stalled;
        Lanes dead;
        Lanes back;
        Lanes lost;  ///< a process of ours died there
    };
    HostNews look_at_lanes() noexcept;
    Lanes served_lanes() noexcept;
    void look_at_lane(std::uint16_t lane, bool others_served, HostNews& news) noexcept;
    void give_up(std::uint16_t lane, bool given_up) noexcept;
    void nudge_host() noexcept;
    void report_host(const HostNews& news) noexcept;
    void log_lane(std::size_t lane, const HostNews& news) noexcept;
    void report_stalls(const HostNews& news) noexcept;
    void report_failure(Health::State reason) noexcept;
    bool set_link(bool up, std::uint32_t speed_mbps) noexcept;

    bus::Device& device_;
    rte_eth_dev& ethdev_;
    RxInterrupts& receivers_;  ///< hear of interrupts, and of the end
    Attention every_second_;
    std::mutex mutex_;
    Session* session_ = nullptr;                  ///< under mutex_
    std::array<Watchdog, kMaxQueues> watchdogs_;  ///< by lane, under mutex_
    std::array<Activity, kMaxQueues> activity_;   ///< the same
    Lanes stalled_;                               ///< under mutex_
    Lanes lost_;                                  ///< told to the application, under mutex_
    std::uint16_t lanes_ = 0;                     ///< that are watched, under mutex_
    bool failure_reported_ = false;
    bool carrier_wanted_ = true;  ///< under mutex_
    std::uint32_t link_news_seen_ = 0;
    unsigned presence_checks_left_ = 0;
};

}  // namespace vmbus::netvsc
