// Bindings that outlast a reboot: /etc/driverctl.d/vmbus-UUID with the name of the driver, which
// driverctl's udev rule and service apply when the device appears. The same file that
// `driverctl -b vmbus set-override` writes.
#pragma once

#include <string>
#include <vector>

#include "change.hpp"
#include "exit_code.hpp"
#include "nic.hpp"
#include "safety.hpp"

namespace vmbus::devbind {

/// The driver that is persisted for this NIC; empty: none.
std::string persisted_driver(const Tree& tree, const std::string& uuid);
/// UUIDs with an override of uio_hv_generic, whether or not there is such a NIC.
std::vector<std::string> persisted_uuids(const Tree& tree);
/// Whether something is installed that applies them.
bool has_driverctl(const Tree& tree);

class Persistence {
public:
    Persistence(const Tree& tree, ChangeOptions options, Voice voice);

    Exit persist(const std::vector<Nic>& nics, const Surroundings& around) const;
    /// An override of another driver is somebody else's, and stays without --force.
    Exit unpersist(const std::vector<std::string>& uuids) const;

private:
    Exit write_one(const Nic& nic) const;
    Exit remove_one(const std::string& uuid) const;
    Exit fail(const std::string& file, int error) const;

    const Tree& tree_;
    ChangeOptions options_;
    Voice voice_;
};

}  // namespace vmbus::devbind
