#include "host/machine_channel.hpp"

#include <cerrno>

namespace vmbus::host {

base::Result<std::unique_ptr<MachineChannel>> MachineChannel::create(const DeviceTree& tree,
                                                                     ChannelIds& ids,
                                                                     const std::string& name,
                                                                     std::uint64_t ring_bytes,
                                                                     bool monitored) {
    using Created = base::Result<std::unique_ptr<MachineChannel>>;
    auto file = tree.create_memory(name, 2 * ring_bytes);
    if (!file) {
        return Created::error(file.error());
    }
    std::unique_ptr<MachineChannel> made(new MachineChannel(tree, ids, name));
    made->file_ = std::move(file).value();
    auto mapping = base::Mapping::map_shared(made->fd(), 2 * ring_bytes);
    if (!mapping) {
        return Created::error(mapping.error());
    }
    made->mapping_ = std::move(mapping).value();
    const auto relid = ids.take_relid();
    if (!relid) {
        return Created::error(ENOSPC);
    }
    made->node_.relid = *relid;
    made->node_.monitor_id = monitored ? ids.take_monitor_id() : std::nullopt;
    return made;
}

MachineChannel::~MachineChannel() {
    tree_.remove_memory(name_);
    if (node_.relid != 0) {
        ids_.give_back(node_.relid, node_.monitor_id);
    }
}

wire::RingPage& MachineChannel::inbound() const noexcept {
    return *reinterpret_cast<wire::RingPage*>(mapping_.data() + mapping_.size() / 2);
}

std::uint32_t MachineChannel::mask() const noexcept {
    // relaxed: what a guest left that is gone.
    return inbound().interrupt_mask.load_relaxed();
}

void MachineChannel::set_mask(std::uint32_t mask) noexcept {
    // relaxed: the guest learns of it later, by a system call.
    inbound().interrupt_mask.store_relaxed(mask);
}

void MachineChannel::enable_interrupts(bool enabled) noexcept {
    // sync kernel.mask -> mask.check: the kernel stores the guest's wish and orders it with a full
    // barrier before it signals (uio_hv_generic.c, hv_uio_irqcontrol).
    inbound().interrupt_mask.store_seq_cst(enabled ? 0U : 1U);
}

}  // namespace vmbus::host
