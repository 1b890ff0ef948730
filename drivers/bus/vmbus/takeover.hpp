// Taking the place of the VMBus bus that the distribution's DPDK brings along. EAL loads that one
// too, before or after ours, and two buses would both probe the same NICs.
// Called at each scan: EAL scans all buses before it probes any, so the other never probes.
// Control threads only.
#pragma once

#include <bus_driver.h>

namespace vmbus::bus {

/// Unregisters every other bus with the name of `ours`; what the user set up for it, device
/// arguments and scan mode, becomes ours. Returns how many there were. Safe while EAL walks its
/// list of buses, as long as it stands at `ours`.
int take_over_other_buses(rte_bus& ours) noexcept;

}  // namespace vmbus::bus
