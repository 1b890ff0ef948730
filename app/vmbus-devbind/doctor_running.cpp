#include <fmt/core.h>

#include <cstring>

#include "doctor_checks.hpp"
#include "memory.hpp"

namespace vmbus::devbind {
namespace {

constexpr auto kWarning = Severity::kWarning;
constexpr auto kError = Severity::kError;
constexpr const char* kPages = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";

/// "mlx5_ib" of "mlx5_core", "mana_ib" of "mana".
std::string verbs_module(const Vf& vf) {
    return vf.driver.substr(0, vf.driver.find('_')) + "_ib";
}

void check_nodes(const Patient& patient, std::vector<Finding>& findings) {
    const auto nodes = numa_nodes(patient.tree);
    for (const Nic& nic : patient.nics) {
        if (nodes.size() > 1 && nic.on_uio() && nic.numa >= 0 &&
            read_hugepages(patient.tree, nic.numa).total == 0) {
            findings.push_back(
                {.severity = kWarning,
                 .word = "no-hugepages-on-node",
                 .what = fmt::format("NUMA node {} of this NIC has no hugepages", nic.numa),
                 .remedy = fmt::format("echo 512 > /sys/devices/system/node/node{}/hugepages/"
                                       "hugepages-2048kB/nr_hugepages",
                                       nic.numa),
                 .device = nic.uuid});
        }
    }
}

/// In a container /sys is the machine's, and /dev is not.
Finding missing_node(const Patient& patient, const Nic& nic) {
    std::string numbers = patient.tree.line("/sys/class/uio/" + nic.uio + "/dev");
    if (const auto colon = numbers.find(':'); colon != std::string::npos) {
        numbers[colon] = ' ';
    }
    return {
        .severity = kError,
        .word = "uio-node-missing",
        .what = fmt::format("/dev/{} is missing, as in a container that was not given it", nic.uio),
        .remedy = fmt::format("mknod /dev/{} c {}", nic.uio, numbers),
        .device = nic.uuid};
}

Finding no_access(const std::string& file, const char* word, int error, const Nic& nic) {
    return {.severity = kError,
            .word = word,
            .what = fmt::format("{}: {}", file, std::strerror(error)),
            .remedy = fmt::format("chown \"$(id -un)\" {}    # as root; or run as root", file),
            .device = nic.uuid};
}

void check_access(const Patient& patient, const Nic& nic, std::vector<Finding>& findings) {
    const std::string node = "/dev/" + nic.uio;
    if (!patient.tree.exists(node)) {
        findings.push_back(missing_node(patient, nic));
    } else if (const int error = patient.tree.write_obstacle(node); error != 0) {
        findings.push_back(no_access(node, "uio-no-access", error, nic));
    }
    const std::string channels = of_device(nic.uuid, "channels");
    for (const auto& relid : patient.tree.list(channels)) {
        const std::string ring = fmt::format("{}/{}/ring", channels, relid);
        const int error = patient.tree.exists(ring) ? patient.tree.write_obstacle(ring) : 0;
        if (error != 0) {
            findings.push_back(no_access(ring, "ring-no-access", error, nic));
        }
    }
}

}  // namespace

std::vector<Finding> check_hugepages(const Patient& patient) {
    std::vector<Finding> findings;
    const Hugepages pages = read_hugepages(patient.tree);
    if (pages.total == 0) {
        return {{.severity = kWarning,
                 .word = "no-hugepages",
                 .what =
                     "no hugepages are reserved: EAL starts only with --no-huge, and packets are "
                     "copied",
                 .remedy = fmt::format("echo 512 > {}", kPages)}};
    }
    if (pages.free == 0) {
        findings.push_back({.severity = kWarning,
                            .word = "hugepages-taken",
                            .what = "all hugepages are in use",
                            .remedy =
                                "rm -f /dev/hugepages/rtemap_*    # of programs that have ended; "
                                "else reserve more"});
    }
    if (!is_hugetlbfs_mounted(patient.tree)) {
        findings.push_back({.severity = kWarning,
                            .word = "hugetlbfs-not-mounted",
                            .what = "hugepages are reserved, and no hugetlbfs is mounted",
                            .remedy = "mkdir -p /dev/hugepages && mount -t hugetlbfs hugetlbfs "
                                      "/dev/hugepages"});
    }
    check_nodes(patient, findings);
    return findings;
}

std::vector<Finding> check_iova(const Patient& patient) {
    if (sees_physical_addresses(patient.tree)) {
        return {};
    }
    return {{.severity = kWarning,
             .word = "no-physical-addresses",
             .what = "without CAP_SYS_ADMIN EAL sees no physical addresses, and packets are copied",
             .remedy = "run the DPDK program as root"}};
}

std::vector<Finding> check_rings(const Patient& patient) {
    std::vector<Finding> findings;
    for (const Nic& nic : patient.nics) {
        if (nic.on_uio() && nic.rings_missing > 0) {
            findings.push_back(
                {.severity = kError,
                 .word = "ring-missing",
                 .what =
                     fmt::format("{} of {} channels have no `ring` in sysfs, as on some kernels "
                                 "after a NIC was removed and came back",
                                 nic.rings_missing, nic.channels),
                 .remedy =
                     fmt::format("vmbus-devbind restore {0} && vmbus-devbind bind {0}", nic.uuid),
                 .device = nic.uuid,
                 .source = "\"uio_hv_generic: Fix sysfs creation path for ring buffer\", 2025"});
        }
    }
    return findings;
}

std::vector<Finding> check_vf(const Patient& patient) {
    std::vector<Finding> findings;
    for (const Nic& nic : patient.nics) {
        if (!nic.on_uio() || !nic.vf) {
            continue;
        }
        const Vf& vf = *nic.vf;
        if (vf.is_mana() && vf.up()) {
            findings.push_back(
                {.severity = kError,
                 .word = "vf-up",
                 .what = fmt::format("the virtual function {} is up: the kernel takes "
                                     "its packets, and DPDK gets few or none",
                                     vf.ifname),
                 .remedy = fmt::format("ip link set dev {} down", vf.ifname),
                 .device = nic.uuid,
                 .source = "Azure documentation, setup-dpdk-mana"});
        }
        if (vf.driver.empty()) {
            findings.push_back(
                {.severity = kWarning,
                 .word = "vf-no-driver",
                 .what = fmt::format("no driver has the virtual function {}", vf.pci),
                 .remedy = fmt::format("echo {} > /sys/bus/pci/drivers_probe", vf.pci),
                 .device = nic.uuid});
        } else if (patient.tree.list("/dev/infiniband").empty()) {
            findings.push_back(
                {.severity = kWarning,
                 .word = "vf-no-verbs",
                 .what = fmt::format("DPDK drives {} through /dev/infiniband, which is "
                                     "empty",
                                     vf.ifname),
                 .remedy = fmt::format("modprobe -a ib_uverbs {}", verbs_module(vf)),
                 .device = nic.uuid});
        }
    }
    return findings;
}

std::vector<Finding> check_permissions(const Patient& patient) {
    std::vector<Finding> findings;
    for (const Nic& nic : patient.nics) {
        if (nic.on_uio() && !nic.uio.empty()) {
            check_access(patient, nic, findings);
        }
    }
    return findings;
}

std::vector<Finding> check_plugin(const Patient& patient) {
    if (!patient.plugin) {
        return {{.severity = kWarning,
                 .word = "plugin-not-found",
                 .what =
                     "the driver librte_net_netvsc_uio.so is neither beside this program nor where "
                     "DPDK looks",
                 .remedy = "make install    # or: vmbus-devbind doctor --plugin FILE"}};
    }
    const std::string folder = writable_folder_above(patient.plugin->path);
    if (folder.empty()) {
        return {};
    }
    return {{.severity = kError,
             .word = "plugin-folder-writable",
             .what = fmt::format("EAL refuses {}: everybody may write to {}", patient.plugin->path,
                                 folder),
             .remedy = fmt::format("chmod o-w {}    # not /tmp: there, move the plugin elsewhere",
                                   folder)}};
}

}  // namespace vmbus::devbind
