// The one file that knows struct rte_bus: the table, its registration, and shims of a few lines.
// It is the seam for DPDK 22.11; other releases have another table.
#include <bus_driver.h>
#include <rte_kvargs.h>
#include <rte_memory.h>
#include <rte_uuid.h>

#include <cstring>
#include <memory>
#include <utility>

#include "bus/vmbus/bus.hpp"
#include "bus/vmbus/eal_memory.hpp"
#include "bus/vmbus/log.hpp"
#include "bus/vmbus/takeover.hpp"

namespace vmbus::bus {

namespace {

constexpr char kName[] = "vmbus";
constexpr char kSysfsRoot[] = "/sys/bus/vmbus/devices";

extern "C" {
int bus_scan() noexcept;
int bus_probe() noexcept;
rte_device* bus_find_device(const rte_device* start, rte_dev_cmp_t compare,
                            const void* data) noexcept;
int bus_plug(rte_device* device) noexcept;
int bus_unplug(rte_device* device) noexcept;
int bus_parse(const char* name, void* address) noexcept;
rte_iova_mode bus_get_iommu_class() noexcept;
void* bus_dev_iterate(const void* start, const char* text, const rte_dev_iterator*) noexcept;
int bus_cleanup() noexcept;
int bus_sigbus(const void* address) noexcept;
}

/// Storage without a destructor: threads of EAL may look at devices while the process exits.
union Immortal {
    constexpr Immortal() noexcept : bus() {}
    ~Immortal() {}  // NOLINT(modernize-use-equals-default): a default would be deleted
    Bus bus;
};
constinit Immortal the;

constinit rte_bus table = {
    .next = {},
    .name = kName,
    .scan = bus_scan,
    .probe = bus_probe,
    .find_device = bus_find_device,
    .plug = bus_plug,
    .unplug = bus_unplug,
    .parse = bus_parse,
    .devargs_parse = nullptr,
    .dma_map = nullptr,
    .dma_unmap = nullptr,
    .conf = {},
    .get_iommu_class = bus_get_iommu_class,
    .dev_iterate = bus_dev_iterate,
    .hot_unplug_handler = nullptr,
    .sigbus_handler = bus_sigbus,
    .cleanup = bus_cleanup,
};

int bus_scan() noexcept {
    take_over_other_buses(table);
    Scan found = scan(kSysfsRoot);
    if (found.error != 0) {
        log_line(RTE_LOG_ERR, "%s: %s", kSysfsRoot, std::strerror(found.error));
        return -found.error;
    }
    for (const Refusal& refusal : found.refused) {
        log_line(RTE_LOG_WARNING, "%s is skipped: %s", refusal.name.c_str(),
                 refusal.reason.c_str());
    }
    the.bus.update(table, std::move(found.nics));
    return 0;
}

int bus_probe() noexcept {
    place_in_eal_memory();
    return the.bus.probe_all();
}

rte_device* bus_find_device(const rte_device* start, rte_dev_cmp_t compare,
                            const void* data) noexcept {
    Device* device = the.bus.find(
        start, [&](const rte_device& candidate) { return compare(&candidate, data) == 0; });
    return device != nullptr ? &device->generic() : nullptr;
}

int bus_plug(rte_device* device) noexcept {
    place_in_eal_memory();
    return the.bus.plug(Device::of(*device));
}

int bus_unplug(rte_device* device) noexcept {
    return the.bus.unplug(Device::of(*device));
}

int bus_parse(const char* name, void* address) noexcept {
    rte_uuid_t id;
    if (rte_uuid_parse(name, id) != 0) {
        return -1;
    }
    if (address != nullptr) {
        std::memcpy(address, id, sizeof id);
    }
    return 0;
}

rte_iova_mode bus_get_iommu_class() noexcept {
    // The host knows nothing but physical addresses. Where there are none, EAL refuses to start
    // in that mode; then the driver copies.
    return the.bus.has_work() && rte_eal_using_phys_addrs() != 0 ? RTE_IOVA_PA : RTE_IOVA_DC;
}

struct FreeKvargs {
    void operator()(rte_kvargs* list) const noexcept { rte_kvargs_free(list); }
};

void* bus_dev_iterate(const void* start, const char* text,
                      const rte_dev_iterator* /*iterator*/) noexcept {
    static constexpr const char* kKeys[] = {"name", nullptr};
    const std::unique_ptr<rte_kvargs, FreeKvargs> keys(
        text != nullptr ? rte_kvargs_parse(text, kKeys) : nullptr);
    if (text != nullptr && keys == nullptr) {
        return nullptr;
    }
    const char* name = keys != nullptr ? rte_kvargs_get(keys.get(), "name") : nullptr;
    const auto named = [name](const rte_device& device) {
        return name == nullptr || std::strcmp(device.name, name) == 0;
    };
    Device* device = the.bus.find(static_cast<const rte_device*>(start), named);
    return device != nullptr ? &device->generic() : nullptr;
}

int bus_cleanup() noexcept {
    return the.bus.cleanup();
}

/// EAL asks where the application has asked EAL to handle hot-unplug; 1: not ours.
int bus_sigbus(const void* address) noexcept {
    return the.bus.replace_lost(address) ? 0 : 1;
}

RTE_INIT_PRIO(register_bus, BUS) {
    rte_bus_register(&table);
}

}  // namespace

void register_driver(Driver& driver) noexcept {
    the.bus.add(driver);
}

void unregister_driver(Driver& driver) noexcept {
    the.bus.remove(driver);
}

}  // namespace vmbus::bus
