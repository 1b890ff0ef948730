// Buses in EAL's own list, and device arguments for them, without EAL being started.
#pragma once

#include <bus_driver.h>
#include <rte_devargs.h>

#include <string>

#include "fake_sysfs.hpp"

namespace vmbus::bus::test {

/// A bus without devices that takes every text of a GUID's length for one of its own.
class FakeBus {
public:
    explicit FakeBus(const char* name) {
        bus.name = name;
        bus.scan = [] { return 0; };
        bus.probe = [] { return 0; };
        bus.find_device = [](const rte_device*, rte_dev_cmp_t, const void*) -> rte_device* {
            return nullptr;
        };
        bus.parse = [](const char* text, void*) { return std::string(text).size() == 36 ? 0 : -1; };
        rte_bus_register(&bus);
    }
    FakeBus(const FakeBus&) = delete;
    FakeBus& operator=(const FakeBus&) = delete;
    ~FakeBus() {
        if (registered()) {
            rte_bus_unregister(&bus);
        }
    }
    bool registered() const {
        const auto same = [](const rte_bus* one, const void* other) {
            return one == other ? 0 : 1;
        };
        return rte_bus_find(nullptr, same, &bus) != nullptr;
    }

    rte_bus bus{};
};

/// What -a or -b would leave in EAL's list; taken out again at the end.
class FakeArgument {
public:
    FakeArgument(rte_devtype type, const std::string& text) {
        status = rte_devargs_add(type, text.c_str());
    }
    FakeArgument(const FakeArgument&) = delete;
    FakeArgument& operator=(const FakeArgument&) = delete;
    ~FakeArgument() {
        while (rte_devargs* devargs = rte_devargs_next("vmbus", nullptr)) {
            rte_devargs_remove(devargs);
        }
    }

    int status;
};

}  // namespace vmbus::bus::test
