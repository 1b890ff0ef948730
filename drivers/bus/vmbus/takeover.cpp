#include "bus/vmbus/takeover.hpp"

#include <rte_devargs.h>

#include <cstring>

#include "bus/vmbus/log.hpp"

namespace vmbus::bus {

namespace {

int compare_namesake(const rte_bus* bus, const void* ours) noexcept {
    return bus != ours && std::strcmp(bus->name, static_cast<const rte_bus*>(ours)->name) == 0 ? 0
                                                                                               : 1;
}

/// EAL gives each argument to the first bus that knows the name.
void inherit(rte_bus& ours, const rte_bus& other) noexcept {
    rte_devargs* devargs = nullptr;
    RTE_EAL_DEVARGS_FOREACH(ours.name, devargs) {
        if (devargs->bus == &other) {
            devargs->bus = &ours;
        }
    }
    if (ours.conf.scan_mode == RTE_BUS_SCAN_UNDEFINED) {
        ours.conf.scan_mode = other.conf.scan_mode;
    }
}

}  // namespace

int take_over_other_buses(rte_bus& ours) noexcept {
    int count = 0;
    while (rte_bus* other = rte_bus_find(nullptr, compare_namesake, &ours)) {
        inherit(ours, *other);
        rte_bus_unregister(other);
        log_line(RTE_LOG_NOTICE, "this driver takes the place of DPDK's built-in %s bus",
                 ours.name);
        ++count;
    }
    return count;
}

}  // namespace vmbus::bus
