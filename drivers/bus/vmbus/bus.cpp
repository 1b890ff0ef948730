#include "bus/vmbus/bus.hpp"

#include <rte_eal.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bus/vmbus/log.hpp"
#include "bus/vmbus/selection.hpp"

namespace vmbus::bus {

namespace {

bool wanted(Device& device) noexcept {
    const rte_device& generic = device.generic();
    return selected(generic.bus->conf.scan_mode, generic.devargs);
}

void tell_unbound(Device& device) noexcept {
    if (!std::exchange(device.told_unbound, true)) {
        log_line(RTE_LOG_WARNING,
                 "%s is not bound to uio_hv_generic and stays unused; to use it: "
                 "vmbus-devbind bind %s",
                 device.name(), device.name());
    }
}

void attach_devargs(Device& device) noexcept {
    rte_device& generic = device.generic();
    generic.devargs = find_devargs(generic.bus->name, device.identity().instance_id);
    // EAL looks the device up by this name, to the letter.
    if (generic.devargs != nullptr && device.identity().name.size() < RTE_DEV_NAME_MAX_LEN) {
        std::strcpy(generic.devargs->name, device.name());
    }
}

}  // namespace

void Bus::add(Driver& driver) noexcept {
    driver.generic.name = driver.name;
    driver.next = std::exchange(drivers_, &driver);
}

void Bus::remove(Driver& driver) noexcept {
    for (Driver** link = &drivers_; *link != nullptr; link = &(*link)->next) {
        if (*link == &driver) {
            *link = std::exchange(driver.next, nullptr);
            return;
        }
    }
}

Bus::Devices::iterator Bus::position(const wire::Guid& instance) noexcept {
    return std::lower_bound(devices_.begin(), devices_.end(), instance,
                            [](const auto& device, const wire::Guid& id) {
                                return device->identity().instance_id < id;
                            });
}

void Bus::add_or_refresh(const rte_bus& self, Identity nic) noexcept {
    auto at = position(nic.instance_id);
    if (at == devices_.end() || (*at)->identity().instance_id != nic.instance_id) {
        at = devices_.insert(at, std::make_unique<Device>(std::move(nic)));
        (*at)->generic().bus = &self;
    } else if ((*at)->driver == nullptr) {
        (*at)->refresh(std::move(nic));
    } else {
        return;  // what the driver has mapped is what the device is, until it is unplugged
    }
    attach_devargs(**at);
}

void Bus::update(const rte_bus& self, std::vector<Identity> nics) noexcept {
    const auto gone = [&nics](const auto& device) {
        return device->driver == nullptr &&
               std::none_of(nics.begin(), nics.end(), [&device](const Identity& nic) {
                   return nic.instance_id == device->identity().instance_id;
               });
    };
    std::erase_if(devices_, gone);
    for (Identity& nic : nics) {
        add_or_refresh(self, std::move(nic));
    }
}

const Driver* Bus::driver_for(const Device& device) const noexcept {
    for (const Driver* driver = drivers_; driver != nullptr; driver = driver->next) {
        if (driver->class_id == device.identity().class_id) {
            return driver;
        }
    }
    return nullptr;
}

int Bus::probe(Device& device) noexcept {
    const Driver* driver = driver_for(device);
    if (driver == nullptr) {
        return 1;
    }
    // Whoever maps a device keeps the kernel from closing its channels: the others do it when they
    // need to, and let go when they are asked.
    if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
        if (const int error = device.map(); error != 0) {
            return error;
        }
    }
    device.driver = driver;
    device.generic().driver = &driver->generic;
    const int result = driver->probe(device);
    if (result < 0) {
        log_line(RTE_LOG_ERR, "%s: driver %s cannot use it: %s", device.name(), driver->name,
                 std::strerror(-result));
    }
    if (result != 0) {
        release(device);
    }
    return result;
}

/// Requires: the driver has let go of the device.
int Bus::release(Device& device) noexcept {
    device.unmap();
    device.driver = nullptr;
    device.driver_data = nullptr;
    device.generic().driver = nullptr;
    return 0;
}

int Bus::probe_all() noexcept {
    int tried = 0;
    int failed = 0;
    for (const auto& device : devices_) {
        if (device->driver != nullptr || !wanted(*device)) {
            continue;
        }
        if (!device->bound()) {
            tell_unbound(*device);
            continue;
        }
        ++tried;
        failed += probe(*device) < 0 ? 1 : 0;
    }
    return tried != 0 && failed == tried ? -1 : 0;
}

int Bus::plug(Device& device) noexcept {
    if (device.driver != nullptr) {
        return -EEXIST;
    }
    if (!device.bound()) {
        device.told_unbound = false;  // who asks for it by name is told again
        tell_unbound(device);
        return -ENODEV;
    }
    return probe(device);
}

int Bus::unplug(Device& device) noexcept {
    if (device.driver == nullptr) {
        return -ENODEV;
    }
    if (const int error = device.driver->remove(device); error != 0) {
        return error;
    }
    release(device);
    if (device.generic().devargs != nullptr) {
        rte_devargs_remove(device.generic().devargs);
    }
    devices_.erase(position(device.identity().instance_id));
    return 0;
}

int Bus::cleanup() noexcept {
    int result = 0;
    for (const auto& device : devices_) {
        if (device->driver == nullptr) {
            continue;
        }
        if (const int error = device->driver->remove(*device); error != 0) {
            log_line(RTE_LOG_ERR, "%s: driver %s does not let go of it: %s", device->name(),
                     device->driver->name, std::strerror(-error));
            result = -1;
        }
        release(*device);
    }
    devices_.clear();
    return result;
}

bool Bus::replace_lost(const void* address) noexcept {
    return std::any_of(devices_.begin(), devices_.end(),
                       [address](const auto& device) { return device->replace_lost(address); });
}

bool Bus::has_work() const noexcept {
    return std::any_of(devices_.begin(), devices_.end(),
                       [](const auto& device) { return device->bound() && wanted(*device); });
}

}  // namespace vmbus::bus
