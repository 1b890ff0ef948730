// Which devices the user wants: EAL's -a and -b options against instance ids, whatever their case.
// A view of EAL's list of device arguments; control threads only.
#pragma once

#include <bus_driver.h>
#include <rte_devargs.h>

#include "wire/guid.hpp"

namespace vmbus::bus {

/// The arguments given for this instance, on whichever bus of the name. nullptr when there are
/// none.
rte_devargs* find_devargs(const char* bus_name, const wire::Guid& instance) noexcept;

/// Whether a device with these arguments, or none, is to be probed without being asked for by name.
bool selected(rte_bus_scan_mode mode, const rte_devargs* devargs) noexcept;

}  // namespace vmbus::bus
