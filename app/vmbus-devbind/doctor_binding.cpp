#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "doctor_checks.hpp"
#include "kernel_version.hpp"
#include "persist.hpp"

namespace vmbus::devbind {
namespace {

constexpr auto kWarning = Severity::kWarning;
constexpr auto kError = Severity::kError;

bool is_safe(const Patient& patient, const Nic& nic) {
    return dangers_of_binding(nic, patient.around).empty();
}

bool any_bound(const Patient& patient) {
    return std::any_of(patient.nics.begin(), patient.nics.end(),
                       [](const Nic& nic) { return nic.on_uio(); });
}

/// Loadable, or linked in.
bool is_installed(const Tree& tree, const std::string& release) {
    constexpr std::array kLists = {"modules.dep", "modules.builtin"};
    return std::any_of(kLists.begin(), kLists.end(), [&](const char* list) {
        const auto text = tree.text("/lib/modules/" + release + "/" + list);
        return text && text->find("/uio_hv_generic.ko") != std::string::npos;
    });
}

Finding none_bound(const Patient& patient) {
    const auto safe = std::find_if(patient.nics.begin(), patient.nics.end(),
                                   [&](const Nic& nic) { return is_safe(patient, nic); });
    return {.severity = kWarning,
            .word = "none-bound",
            .what = "no NIC is on uio_hv_generic, so DPDK finds none",
            .remedy = safe == patient.nics.end()
                          ? "vmbus-devbind status    # none is safe to bind: it says why"
                          : "vmbus-devbind bind " + safe->name()};
}

bool before(const Patient& patient, KernelVersion version) {
    const auto kernel = read_kernel_version(patient.tree);
    return kernel && *kernel < version;
}

bool is_confidential(const Tree& tree) {
    return tree.exists("/dev/sev-guest") || tree.exists("/dev/tdx_guest");
}

}  // namespace

std::vector<Finding> check_bus(const Patient& patient) {
    if (!patient.tree.exists("/sys/bus/vmbus")) {
        return {{.severity = kError,
                 .word = "no-vmbus",
                 .what = "there is no VMBus: this machine is not a guest of Hyper-V or Azure",
                 .remedy =
                     "modprobe hv_vmbus    # or play one: vmbus-host run --nic port=loop -- CMD"}};
    }
    if (patient.nics.empty()) {
        return {{.severity = kError,
                 .word = "no-nic",
                 .what = "the host offers no synthetic NIC",
                 .remedy = "add a network adapter to the virtual machine"}};
    }
    return {};
}

std::vector<Finding> check_module(const Patient& patient) {
    if (patient.tree.exists(of_driver(kUioDriver, "")) || patient.nics.empty()) {
        return {};
    }
    const std::string release = patient.tree.line("/proc/sys/kernel/osrelease");
    if (is_installed(patient.tree, release)) {
        return {{.severity = kError,
                 .word = "module-not-loaded",
                 .what = "the module uio_hv_generic is not loaded",
                 .remedy = "modprobe uio_hv_generic"}};
    }
    return {{.severity = kError,
             .word = "module-not-installed",
             .what = fmt::format("kernel {} comes without the module uio_hv_generic", release),
             .remedy = "apt-get install linux-modules-extra-$(uname -r)    # Ubuntu; else another "
                       "kernel, with CONFIG_UIO_HV_GENERIC"}};
}

std::vector<Finding> check_binding(const Patient& patient) {
    std::vector<Finding> findings;
    for (const Nic& nic : patient.nics) {
        if (nic.interrupted) {
            findings.push_back({.severity = kError,
                                .word = "interrupted",
                                .what = "a change of this NIC was begun and never ended",
                                .remedy = "vmbus-devbind restore " + nic.uuid,
                                .device = nic.uuid});
        }
        if (nic.driver.empty()) {
            findings.push_back({.severity = kWarning,
                                .word = "no-driver",
                                .what = "no driver has this NIC",
                                .remedy = "vmbus-devbind restore " + nic.uuid,
                                .device = nic.uuid});
        }
        if (!nic.on_uio() && !nic.has_monitor_bit && before(patient, {6, 10, 0})) {
            findings.push_back({.severity = kError,
                                .word = "no-monitor-bit",
                                .what = "this kernel binds only NICs with a monitor bit",
                                .remedy = "install Linux 6.10 or later",
                                .device = nic.uuid});
        }
    }
    if (!patient.nics.empty() && !any_bound(patient)) {
        findings.push_back(none_bound(patient));
    }
    return findings;
}

std::vector<Finding> check_driver_override(const Patient& patient) {
    std::vector<Finding> findings;
    for (const Nic& nic : patient.nics) {
        if (!nic.can_override) {
            findings.push_back({.severity = kWarning,
                                .word = "no-driver-override",
                                .what = "this kernel has no driver_override: a NIC is bound by the "
                                        "id of its class, and cannot be persisted",
                                .remedy = "install Linux 4.18 or later",
                                .device = nic.uuid});
        } else if (nic.override_ == kUioDriver && !nic.on_uio()) {
            findings.push_back(
                {.severity = kWarning,
                 .word = "override-pending",
                 .what = "driver_override names uio_hv_generic, and the NIC is not on it",
                 .remedy = fmt::format("vmbus-devbind bind {0}    # or: restore {0}", nic.uuid),
                 .device = nic.uuid});
        } else if (!nic.override_.empty() && nic.override_ != kUioDriver) {
            findings.push_back({.severity = kWarning,
                                .word = "override-foreign",
                                .what = "driver_override names " + nic.override_,
                                .remedy = "driverctl -b vmbus unset-override " + nic.uuid,
                                .device = nic.uuid});
        }
    }
    return findings;
}

std::vector<Finding> check_persistence(const Patient& patient) {
    std::vector<Finding> findings;
    const auto uuids = persisted_uuids(patient.tree);
    for (const auto& uuid : uuids) {
        if (std::none_of(patient.nics.begin(), patient.nics.end(),
                         [&](const Nic& nic) { return nic.uuid == uuid; })) {
            findings.push_back({.severity = kWarning,
                                .word = "persisted-but-absent",
                                .what = "a binding is persisted for a NIC that is not there",
                                .remedy = "vmbus-devbind unpersist " + uuid,
                                .device = uuid});
        }
    }
    if (!uuids.empty() && !has_driverctl(patient.tree)) {
        findings.push_back({.severity = kWarning,
                            .word = "no-driverctl",
                            .what = "bindings are persisted, and nothing applies them at boot",
                            .remedy = "apt-get install driverctl"});
    }
    return findings;
}

std::vector<Finding> check_kernel(const Patient& patient) {
    std::vector<Finding> findings;
    const auto kernel = read_kernel_version(patient.tree);
    if (patient.nics.empty() || !kernel) {
        return findings;
    }
    for (const KernelBug* bug : known_bugs(*kernel)) {
        findings.push_back(
            {.severity = bug->certain ? kError : kWarning,
             .word = std::string(bug->word),
             .what = fmt::format("Linux {}.{}.{}{}: {}", kernel->major, kernel->minor,
                                 kernel->patch, bug->certain ? "" : ", perhaps", bug->what),
             .remedy = std::string(bug->remedy),
             .source = std::string(bug->source)});
    }
    if (patient.page_size > 4096 && *kernel < KernelVersion{6, 16, 0}) {
        findings.push_back({.severity = kError,
                            .word = "kernel-large-pages",
                            .what =
                                "with pages of more than 4 KiB this kernel maps rings and signal "
                                "pages wrongly",
                            .remedy = "install Linux 6.16 or later, or a kernel with 4 KiB pages",
                            .source = "\"uio_hv_generic: Align ring size to system page\", 2025"});
    }
    if (is_confidential(patient.tree)) {
        findings.push_back({.severity = kError,
                            .word = "confidential-vm",
                            .what = "in a confidential virtual machine uio_hv_generic cannot share "
                                    "memory with the host",
                            .remedy = "use the kernel's driver: vmbus-devbind restore UUID"});
    }
    return findings;
}

}  // namespace vmbus::devbind
