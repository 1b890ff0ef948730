// MachineChannel: one channel of a NIC as the kernel has it: its numbers, the file that holds both
// rings, and the interrupt mask that a write to /dev/uioN sets.
// Owned by the machine's NIC, host thread.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/mapping.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "host/channel_ids.hpp"
#include "host/device_tree.hpp"
#include "wire/ring_page.hpp"

namespace vmbus::host {

class MachineChannel {
public:
    /// Makes the memory for two rings of `ring_bytes`; `name` is that of the file. ENOSPC when the
    /// machine has no more numbers.
    static base::Result<std::unique_ptr<MachineChannel>> create(const DeviceTree& tree,
                                                                ChannelIds& ids,
                                                                const std::string& name,
                                                                std::uint64_t ring_bytes,
                                                                bool monitored);
    ~MachineChannel();
    MachineChannel(const MachineChannel&) = delete;
    MachineChannel& operator=(const MachineChannel&) = delete;

    ChannelNode& node() noexcept { return node_; }
    const ChannelNode& node() const noexcept { return node_; }
    base::MutableBytes rings() const noexcept { return mapping_.bytes(); }
    int fd() const noexcept { return file_.get(); }
    const std::string& memory_name() const noexcept { return name_; }

    /// The mask of the ring to the guest: as the kernel finds it, and as it leaves it where the
    /// guest learns of it later, by a system call or an event.
    std::uint32_t mask() const noexcept;
    void set_mask(std::uint32_t mask) noexcept;
    /// What a write() of the guest does to this channel.
    void enable_interrupts(bool enabled) noexcept;

private:
    MachineChannel(const DeviceTree& tree, ChannelIds& ids, std::string name) noexcept
        : tree_(tree), ids_(ids), name_(std::move(name)) {}
    wire::RingPage& inbound() const noexcept;

    const DeviceTree& tree_;
    ChannelIds& ids_;
    const std::string name_;
    ChannelNode node_;
    base::UniqueFd file_;
    base::Mapping mapping_;
};

}  // namespace vmbus::host
