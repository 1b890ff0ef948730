// What sysfs says of the synthetic NICs, each with the virtual function that stands beside it.
// A picture of one moment: take another one after each change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "record.hpp"
#include "tree.hpp"

namespace vmbus::devbind {

/// Bit IFF_UP of what the attribute `flags` says.
bool is_up(const std::string& flags);

/// A virtual function (SR-IOV) with the MAC address of its NIC.
struct Vf {
    std::string pci;  // "0002:00:02.0"
    std::string ifname;
    std::string driver;
    std::string flags;  // as sysfs has them: "0x1003"

    bool up() const { return is_up(flags); }
    bool is_mana() const { return driver == "mana"; }
};

struct Nic {
    std::string uuid;
    std::string ifname;          // on the kernel driver; else empty
    std::string mac;             // where sysfs does not say, the one it had when it was bound
    std::string driver;          // empty: none
    std::string uio;             // "uio0", or empty
    std::string override_;       // driver_override; empty: unset
    std::string flags;           // of the interface, as sysfs has them: "0x1003"
    std::string earlier_ifname;  // while it is bound
    int numa = -1;
    unsigned channels = 0;
    unsigned rings_missing = 0;  // channels without `ring`
    bool can_override = false;   // the attribute is there, from Linux 4.18 on
    bool has_monitor_bit = false;
    bool interrupted = false;  // a change of it was begun and never ended
    std::optional<Vf> vf;

    bool up() const { return is_up(flags); }
    bool on_uio() const { return driver == kUioDriver; }
    bool on_kernel_driver() const { return driver == kNetDriver; }
    /// eth1, or what there is.
    const std::string& name() const { return ifname.empty() ? uuid : ifname; }
};

std::vector<Nic> read_nics(const Tree& tree, const Records& records);
/// The one NIC again, as it is now; nothing when it has gone.
std::optional<Nic> read_nic(const Tree& tree, const Records& records, const std::string& uuid);

}  // namespace vmbus::devbind
