#include "bus/vmbus/scan.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "bus/vmbus/sysfs.hpp"

namespace vmbus::bus {

namespace {

std::string describe(const char* attribute, int error) {
    return std::string(attribute) + ": " + std::strerror(error);
}

/// An attribute that must be there and lie in [0, most].
std::optional<std::uint32_t> bounded(const std::string& directory, const char* attribute,
                                     std::int64_t most, std::string& problem) {
    const auto number = sysfs::read_number(directory + "/" + attribute);
    if (!number || number.value() < 0 || number.value() > most) {
        problem = describe(attribute, number ? ERANGE : number.error());
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(number.value());
}

/// The kernel hides the attribute of a channel that has no monitor bit.
std::optional<std::uint8_t> monitor_of(const std::string& directory, std::string& problem) {
    if (!sysfs::exists(directory + "/monitor_id")) {
        return wire::kNoMonitor;
    }
    const auto id = bounded(directory, "monitor_id", wire::kMonitorBits - 1, problem);
    return id ? std::optional(static_cast<std::uint8_t>(*id)) : std::nullopt;
}

/// Absent on kernels without NUMA; a wish only, so nonsense counts as unknown.
int numa_node_of(const std::string& directory) {
    const auto node = sysfs::read_number(directory + "/numa_node");
    return node && node.value() >= 0 && node.value() < RTE_MAX_NUMA_NODES
               ? static_cast<int>(node.value())
               : -1;
}

/// Fills in what else there is to know of a NIC. False, with the reason, when that makes no sense.
bool complete(Identity& nic, std::string& problem) {
    const auto instance = sysfs::read_guid(nic.sysfs_path + "/device_id");
    if (!instance) {
        problem = describe("device_id", instance.error());
        return false;
    }
    const auto relid = bounded(nic.sysfs_path, "id", wire::kMaxRelid, problem);
    const auto monitor = relid ? monitor_of(nic.sysfs_path, problem) : std::nullopt;
    if (!monitor) {
        return false;
    }
    nic.instance_id = instance.value();
    nic.relid = *relid;
    nic.monitor_id = *monitor;
    nic.numa_node = numa_node_of(nic.sysfs_path);
    nic.uio_number = sysfs::uio_number(nic.sysfs_path).value_or(-1);
    return true;
}

void add_entry(Scan& scan, const std::string& root, const std::string& name) {
    Identity nic{.name = name, .sysfs_path = root + "/" + name};
    const auto class_id = sysfs::read_guid(nic.sysfs_path + "/class_id");
    if (!class_id) {
        scan.refused.push_back({name, describe("class_id", class_id.error())});
        return;
    }
    if (class_id.value() != wire::kNicClass) {
        return;
    }
    nic.class_id = class_id.value();
    std::string problem;
    if (complete(nic, problem)) {
        scan.nics.push_back(std::move(nic));
    } else {
        scan.refused.push_back({name, std::move(problem)});
    }
}

void refuse_duplicates(Scan& scan) {
    const auto same = [](const Identity& a, const Identity& b) {
        return a.instance_id == b.instance_id;
    };
    auto& nics = scan.nics;
    for (auto twin = std::adjacent_find(nics.begin(), nics.end(), same); twin != nics.end();
         twin = std::adjacent_find(nics.begin(), nics.end(), same)) {
        scan.refused.push_back({std::next(twin)->name, "device_id: that of " + twin->name});
        nics.erase(std::next(twin));
    }
}

}  // namespace

Scan scan(const std::string& root) noexcept {
    Scan result;
    const auto names = sysfs::list(root);
    if (!names) {
        result.error = names.error() == ENOENT ? 0 : names.error();
        return result;
    }
    for (const std::string& name : names.value()) {
        add_entry(result, root, name);
    }
    std::stable_sort(
        result.nics.begin(), result.nics.end(),
        [](const Identity& a, const Identity& b) { return a.instance_id < b.instance_id; });
    refuse_duplicates(result);
    return result;
}

}  // namespace vmbus::bus
