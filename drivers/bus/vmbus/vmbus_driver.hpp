// What a driver for devices of this bus registers, and the bus's exported functions.
// Registration happens in constructors that run before C++ dynamic initialisation: keep the objects
// constinit. Not named like DPDK's own bus_vmbus_driver.h.
#pragma once

#include "bus/vmbus/device.hpp"
#include "wire/guid.hpp"

namespace vmbus::bus {

struct Driver {
    const char* name;     ///< as ethdev shows it, for example net_netvsc
    wire::Guid class_id;  ///< devices it takes
    /// The device is mapped, in the primary process. 0, 1 when it is not wanted after all, or
    /// -errno.
    int (*probe)(Device& device) noexcept;
    /// The device is still as it was then. 0 or -errno.
    int (*remove)(Device& device) noexcept;
    rte_driver generic{};    ///< filled in by register_driver()
    Driver* next = nullptr;  ///< the bus's list
};

[[gnu::visibility("default")]] void register_driver(Driver& driver) noexcept;
[[gnu::visibility("default")]] void unregister_driver(Driver& driver) noexcept;

}  // namespace vmbus::bus
