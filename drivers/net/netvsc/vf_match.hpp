// Which port of the application is the virtual function of a NIC. The host names a serial number,
// which is the number of a PCI slot; the VF has the MAC address of its NIC. The address decides,
// because a PCI function may carry several ports (MANA); the slot, where it can be seen, may veto.
// Linux drivers/net/hyperv/netvsc_drv.c: serial number first. Any thread. No DPDK.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/netvsc/control/oids.hpp"

namespace vmbus::netvsc {

struct VfCandidate {
    oids::MacAddress mac{};
    std::string_view driver{};  ///< of the port, as DPDK names it
    std::string_view bus{};
    std::string_view device{};  ///< name on that bus
};

/// The address of what is in the slot, "0002:00:02", or nothing where there is no such slot.
std::string slot_address(std::uint32_t serial, const std::string& sysfs = "/sys");

/// Whether it is the VF of the NIC with this MAC. `slot`: what slot_address() said of its serial.
bool is_vf_of(const oids::MacAddress& nic, std::string_view slot,
              const VfCandidate& candidate) noexcept;

}  // namespace vmbus::netvsc
