// Port: one NIC of an application: its session with the host, its queues, its place in the state
// table (port_state.hpp). Everything that ethdev asks for ends here, as a plain call: life in
// port.cpp, the rest by subject in port_queues, port_stats, port_filter, port_offloads and so on.
// What it tells of itself, in this process and in others, is a PortView. Owned by the ethdev
// (process_private) from probe to close. Control threads, one at a time, as ethdev demands; bursts
// go to the queues directly.
#pragma once

#include <ethdev_driver.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "bus/vmbus/device.hpp"
#include "net/netvsc/control/session.hpp"
#include "net/netvsc/devargs.hpp"
#include "net/netvsc/door.hpp"
#include "net/netvsc/events.hpp"
#include "net/netvsc/port_state.hpp"
#include "net/netvsc/port_view.hpp"
#include "net/netvsc/rx.hpp"
#include "net/netvsc/rx_interrupts.hpp"
#include "net/netvsc/tx.hpp"
#include "net/netvsc/vf.hpp"

namespace vmbus::netvsc {

inline constexpr std::size_t kMaxGroups = 128;

class Port {
public:
    /// `shared` and `door` outlive the port.
    Port(bus::Device& device, rte_eth_dev& ethdev, const DeviceArguments& arguments,
         SharedState& shared, Door& door) noexcept
        : device_(device),
          ethdev_(ethdev),
          arguments_(arguments),
          shared_(shared),
          door_(door),
          receivers_(ethdev),
          events_(device, ethdev, receivers_, {on_second, this}),
          vf_(ethdev, device.name(), arguments.vf) {}
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port();

    bus::Device& device() noexcept { return device_; }
    rte_eth_dev& ethdev() noexcept { return ethdev_; }
    bool alive() const noexcept { return session_ != nullptr && session_->health().alive(); }
    bool addresses_known() const noexcept { return addresses_known_; }
    /// Requires for these: attached.
    const HostFacts& facts() const noexcept { return session_->facts(); }
    std::uint32_t session_mtu() const noexcept { return session_->mtu(); }
    const oids::MacAddress& mac() const noexcept { return session_->facts().mac; }

    /// Builds the session; the device may be mapped already. All of these: 0 or -errno.
    int attach(std::uint32_t mtu) noexcept;
    int configure() noexcept;
    int start() noexcept;
    int stop() noexcept;
    int close() noexcept;
    /// Requires a stopped port, because the host learns the MTU in the handshake only.
    int set_mtu(std::uint32_t mtu) noexcept;

    int set_promiscuous(bool on) noexcept;
    int set_all_multicast(bool on) noexcept;
    /// ENOSPC for more than kMaxGroups. Hosts without such a list deliver all groups.
    int set_multicast_groups(std::span<const oids::MacAddress> groups) noexcept;
    /// ENOTSUP where the host keeps its own.
    int set_mac(const oids::MacAddress& mac) noexcept;
    /// What of `offloads` may change while the port runs: VLAN stripping.
    void apply_vlan_offloads() noexcept;
    /// The RTE_PTYPE_*_MASK that the application looks at.
    void set_packet_types(std::uint32_t mask) noexcept;
    int update_link() noexcept;
    /// What it tells of itself, as of now.
    PortView view() const noexcept;
    /// What a started queue's burst function does, in words. Requires: a queue of that id.
    void describe_rx_burst(std::uint16_t id, std::span<char> text) const noexcept;
    void describe_tx_burst(std::uint16_t id, std::span<char> text) const noexcept;
    /// `socket` is a wish: queues are made where there is memory.
    int set_up_rx(std::uint16_t id, std::uint16_t ring_size, unsigned socket,
                  const rte_eth_rxconf& conf, rte_mempool& pool) noexcept;
    int set_up_tx(std::uint16_t id, std::uint16_t ring_size, unsigned socket,
                  const rte_eth_txconf& conf) noexcept;
    /// Of a started port; nothing happens to the other queues.
    int start_rx(std::uint16_t id) noexcept;
    int start_tx(std::uint16_t id) noexcept;
    int stop_rx(std::uint16_t id) noexcept;
    int stop_tx(std::uint16_t id) noexcept;
    void release_rx(std::uint16_t id) noexcept;
    void release_tx(std::uint16_t id) noexcept;
    RxQueue* rx(std::uint16_t id) const noexcept {
        return static_cast<RxQueue*>(ethdev_.data->rx_queues[id]);
    }
    TxQueue* tx(std::uint16_t id) const noexcept {
        return static_cast<TxQueue*>(ethdev_.data->tx_queues[id]);
    }

    /// Of a started port that was configured with intr_conf.rxq; by the queue's lcore. -ENOTSUP:
    /// this queue has none. -ENODEV: nothing will come any more.
    int enable_rx_interrupt(std::uint16_t id) noexcept;
    int disable_rx_interrupt(std::uint16_t id) noexcept;

    int update_hash(const rte_eth_rss_conf& conf) noexcept;
    int update_reta(const rte_eth_rss_reta_entry64* update, std::uint16_t size) noexcept;

    /// Carrier as the application wants it: down, frames go neither way until up or start().
    int set_link(bool up) noexcept;
    /// Ends the conversation and begins a new one, whatever state the old one is in. The port must
    /// be configured anew.
    int reset() noexcept;

    void reset_stats() noexcept;

private:
    static void raise_hand(void* self) noexcept;
    static void on_second(void* self) noexcept;
    PortFacts facts_now() const noexcept;
    PortFigures figures_now() const noexcept;
    void publish() noexcept;
    bool step(PortStep step) noexcept;
    /// Keeps secondary processes out for a scope, if they are let in.
    class ShutDoor {
    public:
        explicit ShutDoor(Port& port) noexcept;
        ShutDoor(const ShutDoor&) = delete;
        ShutDoor& operator=(const ShutDoor&) = delete;
        ~ShutDoor();

    private:
        Port* port_;
    };
    void open_door() noexcept;
    void shut_door() noexcept;
    void recall_device() noexcept;
    bool is_used_elsewhere() noexcept;
    void bury_the_dead() noexcept;
    Lane* lane_of(bool is_rx, std::uint16_t queue) const noexcept;
    void bury(std::uint32_t tag, bool is_rx, std::uint16_t queue) noexcept;
    void detach() noexcept;
    int rebuild(std::uint32_t mtu) noexcept;
    int renew(std::uint32_t mtu) noexcept;
    std::uint32_t wanted_filter() const noexcept;
    int apply_filter() noexcept;
    void tell_groups() noexcept;
    void restore_addresses() noexcept;
    void change_receive_settings() noexcept;
    RxSettings receive_settings() const noexcept;
    RxOptions receive_options() const noexcept;
    int use_offloads() noexcept;
    int settle() noexcept;
    void open_lanes() noexcept;
    bool lanes_are_others() const noexcept;
    std::uint16_t lanes_to_ask() const noexcept;
    std::uint16_t receiving_lanes() const noexcept;
    void choose_rss() noexcept;
    int apply_rss() noexcept;
    int change_rss(RssSettings settings) noexcept;
    bool queues_are_set_up() const noexcept;
    std::uint16_t queues_with_interrupts() const noexcept;
    int open_rx_interrupts() noexcept;
    void start_queues() noexcept;
    void stop_queues() noexcept;
    void detach_line(std::uint16_t id) noexcept;
    void drain() noexcept;
    std::uint32_t reap_all() noexcept;
    void keep_lent(const std::vector<Loans*>& tables) noexcept;
    void set_latency() noexcept;
    bus::Device& device_;
    rte_eth_dev& ethdev_;
    DeviceArguments arguments_;
    SharedState& shared_;
    Door& door_;
    bool haunted_ = false;  ///< a process stays in a burst: what it uses stays for ever
    PortState state_ = PortState::kMapped;
    bool addresses_known_ = false;
    bool promiscuous_ = false;
    bool all_multicast_ = false;
    bool host_has_groups_ = false;
    bool carrier_wanted_ = true;
    std::uint16_t asked_lanes_ = 1;
    RssSettings rss_;
    std::optional<RssSettings> told_rss_;  ///< what the host knows
    std::uint32_t filter_ = 0;             ///< what the host was told
    PacketTypes packet_types_ = PacketTypes::kHeaders;
    std::vector<oids::MacAddress> groups_;
    std::optional<oids::MacAddress> chosen_mac_;  ///< by the application
    LentAddresses lent_addresses_;
    RxInterrupts receivers_;
    Events events_;
    Vf vf_;
    std::unique_ptr<Session> session_;
};

}  // namespace vmbus::netvsc
