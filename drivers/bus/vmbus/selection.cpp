#include "bus/vmbus/selection.hpp"

namespace vmbus::bus {

rte_devargs* find_devargs(const char* bus_name, const wire::Guid& instance) noexcept {
    rte_devargs* devargs = nullptr;
    RTE_EAL_DEVARGS_FOREACH(bus_name, devargs) {
        if (wire::parse_guid(devargs->name) == instance) {
            return devargs;
        }
    }
    return nullptr;
}

bool selected(rte_bus_scan_mode mode, const rte_devargs* devargs) noexcept {
    if (devargs != nullptr) {
        return devargs->policy == RTE_DEV_ALLOWED;
    }
    return mode != RTE_BUS_SCAN_ALLOWLIST;
}

}  // namespace vmbus::bus
