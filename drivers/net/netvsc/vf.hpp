// Vf: the virtual function of a port: takes the steps that VfMachine names, from the host's offer
// to the switched data path and back. Everything happens on EAL's interrupt thread, or on the
// thread of the application that starts or stops the port; bursts only meet the gates
// (vf_gate.hpp). Owned by the port, from probe to close. Docs: docs/nics/netvsc.md, "Accelerated
// networking".
#pragma once

#include <ethdev_driver.h>

#include <mutex>
#include <span>

#include "net/netvsc/control/session.hpp"
#include "net/netvsc/counter.hpp"
#include "net/netvsc/vf_machine.hpp"
#include "net/netvsc/vf_port.hpp"
#include "net/netvsc/vf_stats.hpp"

namespace vmbus::netvsc {

class Vf {
public:
    Vf(rte_eth_dev& ours, const char* name, bool enabled) noexcept
        : ours_(ours), name_(name), enabled_(enabled), port_(ours) {}
    Vf(const Vf&) = delete;
    Vf& operator=(const Vf&) = delete;

    /// Which conversation the host's word comes from. After unbind() it is not looked at any more.
    void bind(Session& session) noexcept;
    void unbind() noexcept;
    /// Asks the interrupt thread to look. Any thread, bursts included: many times cost as once.
    void kick() noexcept;
    /// True: as soon as may be, if there is a VF. False: it is stopped when this returns.
    void set_running(bool running) noexcept;
    /// What the VF must do for frames to be the same on both ways has changed: it is set up anew,
    /// or left alone if it cannot. Nothing to do unless running.
    void renew() noexcept;
    // What the application asks of our port it asks of both, of the VF also while that is set up.
    void set_promiscuous(bool on) noexcept;
    void set_all_multicast(bool on) noexcept;
    void set_groups(std::span<const oids::MacAddress> groups) noexcept;
    void set_rss(const RssSettings& rss) noexcept;
    void close() noexcept;

    /// What went through VFs, and how the path was switched.
    VfFigures figures() const noexcept;
    void reset_stats() noexcept;

private:
    enum class Count : std::uint8_t { kToVf, kToSynthetic, kRemovals, kFailures, kCount };

    static int on_new_port(std::uint16_t port, rte_eth_event_type, void* self, void*) noexcept;
    static int on_removal(std::uint16_t port, rte_eth_event_type, void* self, void*) noexcept;
    static void on_alarm(void* self) noexcept;

    void advance() noexcept;
    void look() noexcept;
    bool take(VfStep step) noexcept;
    bool claim() noexcept;
    bool prepare() noexcept;
    bool switch_on() noexcept;
    bool switch_off() noexcept;
    void give_path_back() noexcept;
    void stop() noexcept;
    void release() noexcept;
    bool failed(const char* what, int error) noexcept;
    void apply_filters() noexcept;

    template <class Do>
    void each_rx_gate(Do&& act) noexcept;
    template <class Do>
    void each_rx_bell(Do&& act) noexcept;
    template <class Do>
    void each_tx_gate(Do&& act) noexcept;
    bool close_gates(bool rx) noexcept;

    rte_eth_dev& ours_;
    const char* name_;
    bool enabled_;
    bool watching_ = false;

    mutable std::mutex mutex_;
    // Under mutex_.
    Session* session_ = nullptr;
    bool running_ = false;
    oids::MacAddress mac_{};
    bool host_on_vf_ = false;  ///< the host was told to, and may have done it
    VfMachine machine_;
    VfPort port_;
    VfFilters filters_;
    RssSettings rss_;
    Counters<Count> counters_;

    VfStats stats_;
    base::Shared<std::uint32_t> active_{0};
    base::Shared<std::uint64_t> gap_us_{0};  ///< of the last switch back
    base::Shared<std::uint32_t> asked_{0};
    base::Shared<std::uint32_t> claimed_port_{kNoPort};
    base::Shared<std::uint32_t> removed_port_{kNoPort};  ///< the claimed one, and not looked at yet
    static constexpr std::uint32_t kNoPort = UINT32_MAX;
};

}  // namespace vmbus::netvsc
