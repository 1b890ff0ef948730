// VirtualFunction: whether the machine has a virtual function (SR-IOV) that stands for this NIC.
// It belongs to the NIC and outlives its conversations: a guest that closes the channel and opens
// it again, as for another MTU, finds it again (OpenVMM netvsp).
// VfServer: what one conversation says of it: the host offers it, the guest switches its data path
// to it and back, and the host takes it away, first the path, then the function.
// Owned by the conversation; host thread only. Docs: docs/emulator.md, "Accelerated networking".
#pragma once

#include <cstdint>

#include "host/outbox.hpp"

namespace vmbus::host {

struct VirtualFunction {
    bool present = false;
    std::uint32_t serial = 0;  ///< by which the guest finds its PCI device
};

class VfServer {
public:
    /// Ids of the host's own messages, a number space apart from the guest's (OpenVMM netvsp).
    static constexpr std::uint64_t kAssociationId = 0x8000'0000'0000'0000;
    static constexpr std::uint64_t kSwitchId = 0x8000'0000'0000'0001;

    explicit VfServer(const VirtualFunction& vf) noexcept : vf_(&vf) {}

    /// Says what there is to say, as far as it fits. Nothing unless `told`: the guest speaks NVSP 4
    /// or later, wants virtual functions, and initialised RNDIS. True when something was sent.
    bool flush(bool told, Outbox& outbox) noexcept;

    /// The guest asks for a path: 0 synthetic, 1 the VF. To one that is not there, or where it is
    /// already, nothing happens; the host completes the request all the same.
    void switch_path(std::uint32_t path) noexcept;

    /// The guest completed one of the host's messages; it need not. False when the id is none of
    /// these, or nothing with it is under way.
    bool completed(std::uint64_t transaction_id) noexcept;

    /// Frames for the guest go through the virtual function.
    bool on_vf() const noexcept { return on_vf_; }
    /// The guest knows of one.
    bool advertised() const noexcept { return advertised_; }

private:
    bool associate(bool allocated, std::uint32_t serial, Outbox& outbox) noexcept;
    bool take_path_back(Outbox& outbox) noexcept;

    const VirtualFunction* vf_;
    bool advertised_ = false;
    std::uint32_t advertised_serial_ = 0;
    bool on_vf_ = false;
    std::uint32_t associations_ = 0;  ///< sent and not completed
    std::uint32_t switches_ = 0;
};

}  // namespace vmbus::host
