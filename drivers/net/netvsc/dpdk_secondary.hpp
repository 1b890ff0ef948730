// A port in a secondary process: dumpcap, proc-info and pdump are such. Control threads.
// Docs: docs/nics/netvsc.md, "Secondary processes".
#pragma once

#include "bus/vmbus/device.hpp"

namespace vmbus::netvsc::secondary {

/// Shows the port that the primary process has on this device. 0, 1 when it has none, or -errno.
int attach(bus::Device& device) noexcept;
/// Forgets it again, in this process. 0 or -errno.
int detach(bus::Device& device) noexcept;

}  // namespace vmbus::netvsc::secondary
