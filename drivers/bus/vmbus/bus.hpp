// Bus: the devices that the scans found, the drivers that registered, and who has which.
// One per process, never destroyed: drivers register before C++ initialisation and devices may be
// looked at until the process is gone. Control threads only, one at a time, as EAL calls.
#pragma once

#include <bus_driver.h>

#include <memory>
#include <string>
#include <vector>

#include "bus/vmbus/scan.hpp"
#include "bus/vmbus/vmbus_driver.hpp"

namespace vmbus::bus {

class Bus {
public:
    constexpr Bus() = default;
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

    void add(Driver& driver) noexcept;
    void remove(Driver& driver) noexcept;

    /// Takes in what a scan found: new devices are added, and those gone that no driver has are
    /// dropped. `self` is what the devices name as their bus.
    void update(const rte_bus& self, std::vector<Identity> nics) noexcept;

    /// Probes all devices that are selected and bound. -1 when there were some and all failed.
    int probe_all() noexcept;
    /// Probes one that was asked for by name. 0, 1 when no driver takes it, or -errno.
    int plug(Device& device) noexcept;
    /// Takes a probed device from its driver and forgets it. 0 or -errno; then it is unchanged.
    int unplug(Device& device) noexcept;
    /// Takes every device from its driver and forgets all. 0, or -1 when a driver objected.
    int cleanup() noexcept;

    /// The first device after `start`, or the first of all, that `matches`.
    template <class Matches>
    Device* find(const rte_device* start, Matches matches) noexcept {
        bool reached = start == nullptr;
        for (const auto& device : devices_) {
            if (reached && matches(device->generic())) {
                return device.get();
            }
            reached = reached || &device->generic() == start;
        }
        return nullptr;
    }

    /// SIGBUS at `address`: true when it was of a device, and whoever looked there may go on. From
    /// a signal handler.
    bool replace_lost(const void* address) noexcept;

    /// Whether the host will be given addresses of our memory: some NIC is bound and wanted.
    bool has_work() const noexcept;

private:
    using Devices = std::vector<std::unique_ptr<Device>>;

    Devices::iterator position(const wire::Guid& instance) noexcept;
    void add_or_refresh(const rte_bus& self, Identity nic) noexcept;
    const Driver* driver_for(const Device& device) const noexcept;
    int probe(Device& device) noexcept;
    int release(Device& device) noexcept;

    Devices devices_;  ///< sorted by instance id
    Driver* drivers_ = nullptr;
};

}  // namespace vmbus::bus
