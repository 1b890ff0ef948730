// The scan: a sysfs directory of VMBus devices -> the NICs among them.
// One entry that makes no sense is reported and left out; it never hides the others.
// A pure function of the tree; logging is the caller's. Control threads only.
#pragma once

#include <string>
#include <vector>

#include "bus/vmbus/device.hpp"

namespace vmbus::bus {

/// An entry that may be a NIC but cannot be used, and why.
struct Refusal {
    std::string name;
    std::string reason;
};

struct Scan {
    int error = 0;               ///< errno when the directory itself cannot be read
    std::vector<Identity> nics;  ///< sorted by instance id, each of them once
    std::vector<Refusal> refused;
};

/// `root` is /sys/bus/vmbus/devices, or a test's. Without it there are no devices: no error.
Scan scan(const std::string& root) noexcept;

}  // namespace vmbus::bus
