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
#include "host/kernel_profile.hpp"
#include "host/machine_channel.hpp"
#include "host/nic.hpp"
#include "host/signal_watch.hpp"
#include "host/uio_device.hpp"

namespace vmbus::host {

/// What the NICs of one machine share: the two pages of signals, who looks at them, and which
/// kernel the guest seems to have.
struct SharedPages {
    int interrupt_fd;
    int monitor_fd;
    SignalWatch& signals;
    ChannelIds& ids;
    const KernelProfile& kernel = default_kernel_profile();
    Recorder* recorder = nullptr;  ///< of what crosses the rings
};

class MachineNic final : public UioHandler, public Interrupt {
public:
    using Clock = std::chrono::steady_clock;
    /// Hot: while a guest may look on, and then `ring` may come later than the rest.
    enum class Offer : std::uint8_t { kAtBoot, kHot };

    /// Offers the NIC in the tree. nullptr and one line in `why` when the system refuses. `number`
    /// is the N of uioN.
    static std::unique_ptr<MachineNic> create(const DeviceTree& tree, unsigned number,
                                              const NicSpec& spec, std::unique_ptr<Port> port,
                                              const SharedPages& pages, std::string& why,
                                              Offer offer = Offer::kAtBoot);
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
    /// What becomes due by itself: a late `ring`, or the next of the channels that were granted.
    void serve_offers(Clock::time_point now);
    /// What went wrong with an offer, or what the guest's kernel would not have lived through, in
    /// one line; given once, then empty.
    std::string take_error() noexcept {
        return std::exchange(error_.empty() ? panic_ : error_, {});
    }

    /// Takes the device away, as the host does when a NIC is removed from the machine.
    void rescind() noexcept;
    /// Rescinded, and the kernel is done with it: the same NIC may be offered again.
    bool removed() const noexcept { return rescinded_ && !uio_->is_open(); }
    /// For the one that takes its place.
    std::unique_ptr<Port> exchange_port(std::unique_ptr<Port> port) noexcept {
        return std::exchange(port_, std::move(port));
    }
    /// The processes that have it open.
    std::vector<pid_t> openers() const { return uio_->openers(); }
    unsigned uio_number() const noexcept { return node_.number; }
    bool rescinded() const noexcept { return rescinded_; }
    /// The kernel's driver took the device. Else no uioN exists, and nobody can open it.
    bool bound() const noexcept { return node_.bound; }

    // UioHandler.
    int opened(pid_t guest) noexcept override;
    void held_by(std::span<const pid_t> openers) noexcept override;
    void closed() noexcept override;
    void control(std::int32_t value) noexcept override;
    // Interrupt.
    void raise(std::uint32_t channel) noexcept override;

private:
    MachineNic(const DeviceTree& tree, unsigned number, const NicSpec& spec,
               std::unique_ptr<Port> port, const SharedPages& pages);
    bool create_memory(ChannelIds& ids, std::string& why);
    bool create_uio(const SharedPages& pages, std::string& why);
    void create_nic();
    bool show(Offer offer, std::string& why);
    bool expose_primary(std::string& why);
    bool offer_channel();
    std::unique_ptr<MachineChannel> make_channel(const std::string& name);
    bool show_channel(const MachineChannel& channel);
    void misoffer(MachineChannel& channel);
    Clock::time_point next_offer(Clock::time_point now) noexcept;
    void withdraw_channels() noexcept;
    void show_mapping() noexcept;
    void panic(std::uint32_t channel) noexcept;

    const DeviceTree& tree_;
    SignalWatch& signals_;
    ChannelIds& ids_;
    const KernelProfile& kernel_;
    Recorder* const recorder_;
    const NicSpec spec_;
    NicNode node_;
    std::vector<std::unique_ptr<MachineChannel>> channels_;  // the primary is the first
    std::vector<std::unique_ptr<MachineChannel>> twins_;     // offered by mistake, served by nobody
    bool offers_lost_ = false;                               // no further one comes
    std::optional<Clock::time_point> next_offer_;
    std::string error_;
    std::string panic_;
    bool panicked_ = false;
    base::UniqueFd files_[2];
    base::Mapping receive_;
    base::Mapping send_;
    std::unique_ptr<Port> port_;
    std::unique_ptr<UioDevice> uio_;
    std::unique_ptr<Nic> nic_;
    std::optional<ProcessMemory> guest_memory_;
    bool rescinded_ = false;
    std::optional<Clock::time_point> ring_due_;
};

}  // namespace vmbus::host
