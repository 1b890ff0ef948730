// MachineNic: one NIC of the emulated machine with all that belongs to it: its memory files, its
// place in the tree, its /dev/uioN, its port. It is where the kernel's behaviour of a NIC bound to
// uio_hv_generic meets the host's Nic.
// Owned by the machine, host thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/mapping.hpp"
#include "host/device_tree.hpp"
#include "host/guest_memory.hpp"
#include "host/nic.hpp"
#include "host/signal_watch.hpp"
#include "host/uio_device.hpp"

namespace vmbus::host {

/// What the NICs of one machine share: the two pages of signals, and who looks at them.
struct SharedPages {
    int interrupt_fd;
    int monitor_fd;
    SignalWatch& signals;
};

class MachineNic final : public UioHandler, private Interrupt {
public:
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

    /// Takes the device away, as the host does when a NIC is removed from the machine.
    void rescind() noexcept;
    bool rescinded() const noexcept { return rescinded_; }

    // UioHandler.
    int opened(pid_t guest) noexcept override;
    void closed() noexcept override;
    void control(std::int32_t value) noexcept override;

private:
    MachineNic(const DeviceTree& tree, unsigned number, const NicSpec& spec,
               std::unique_ptr<Port> port, SignalWatch& signals);
    bool create_memory(std::string& why);
    void raise() noexcept override { uio_->raise(); }

    const DeviceTree& tree_;
    SignalWatch& signals_;
    const NicSpec spec_;
    NicNode node_;
    base::UniqueFd files_[3];
    base::Mapping rings_;
    base::Mapping receive_;
    base::Mapping send_;
    std::unique_ptr<Port> port_;
    std::unique_ptr<UioDevice> uio_;
    std::unique_ptr<Nic> nic_;
    std::optional<ProcessMemory> guest_memory_;
    bool rescinded_ = false;
};

}  // namespace vmbus::host
