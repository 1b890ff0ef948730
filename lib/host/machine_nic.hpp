// MachineNic: one NIC of the emulated machine with all that belongs to it: its memory files, its
// place in the tree, its /dev/uioN, its port. Sub-channels that the host grants appear in the tree
// one by one, opened by the kernel already, and go when the guest releases the device. It is where
// the kernel's behaviour of a NIC bound to uio_hv_generic meets the host's Nic. Owned by the
// machine, host thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/mapping.hpp"
#include "host/channel_ids.hpp"
#include "host/device_tree.hpp"
#include "host/guest_memory.hpp"
#include "host/machine_channel.hpp"
#include "host/nic.hpp"
#include "host/signal_watch.hpp"
#include "host/uio_device.hpp"

namespace vmbus::host {

/// What the NICs of one machine share: the two pages of signals, and who looks at them.
struct SharedPages {
    int interrupt_fd;
    int monitor_fd;
    SignalWatch& signals;
    ChannelIds& ids;
};

class MachineNic final : public UioHandler, private Interrupt {
public:
    using Clock = std::chrono::steady_clock;

    /// Offers the NIC in the tree. nullptr and one line in `why` when the system refuses.
    static std::unique_ptr<MachineNic> create(const DeviceTree& tree, unsigned number,
                                              const NicSpec& spec, std::unique_ptr<Port> port,
                                              const SharedPages& pages, std::string& why);
    ~MachineNic();

    Nic& nic() noexcept { return *nic_; }
    const Nic& nic() const noexcept { return *nic_; }
    Port& port() noexcept { return *port_; }
    const Port& port() const noexcept { return *port_; }
    int poll_fd() const noexcept { return uio_->poll_fd(); }
    void service() noexcept { uio_->service(); }
    std::uint32_t relid() const noexcept { return node_.primary.relid; }
    std::optional<unsigned> monitor_id() const noexcept { return node_.primary.monitor_id; }

    /// The guest set a bit of the monitor page: if it is one of this NIC's, a channel is signalled.
    void take_monitored(unsigned monitor_id) noexcept;
    /// Offers the next channel when one is granted and its time has come.
    void serve_offers(Clock::time_point now);
    /// What went wrong with an offer, in one line; given once, then empty.
    std::string take_error() noexcept { return std::exchange(error_, {}); }

    /// Takes the device away, as the host does when a NIC is removed from the machine.
    void rescind() noexcept;
    bool rescinded() const noexcept { return rescinded_; }

    // UioHandler.
    int opened(pid_t guest) noexcept override;
    void closed() noexcept override;
    void control(std::int32_t value) noexcept override;

private:
    MachineNic(const DeviceTree& tree, unsigned number, const NicSpec& spec,
               std::unique_ptr<Port> port, const SharedPages& pages);
    bool create_memory(ChannelIds& ids, std::string& why);
    void create_nic();
    bool offer_channel();
    void withdraw_channels() noexcept;
    void show_mapping() noexcept;
    void raise() noexcept override { uio_->raise(); }

    const DeviceTree& tree_;
    SignalWatch& signals_;
    ChannelIds& ids_;
    const NicSpec spec_;
    NicNode node_;
    std::vector<std::unique_ptr<MachineChannel>> channels_;  // the primary is the first
    std::optional<Clock::time_point> next_offer_;
    std::string error_;
    base::UniqueFd files_[2];
    base::Mapping receive_;
    base::Mapping send_;
    std::unique_ptr<Port> port_;
    std::unique_ptr<UioDevice> uio_;
    std::unique_ptr<Nic> nic_;
    std::optional<ProcessMemory> guest_memory_;
    bool rescinded_ = false;
};

}  // namespace vmbus::host
