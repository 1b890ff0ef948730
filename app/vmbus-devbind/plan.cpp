#include "plan.hpp"

#include <fmt/core.h>
#include <net/if.h>

#include <cerrno>
#include <cstdlib>

#include "wire/guid.hpp"

namespace vmbus::devbind {
namespace {

using Kind = Step::Kind;

/// Whoever looks at all packets asks for it again; written back it would stay for good.
constexpr unsigned long kCounted = IFF_PROMISC | IFF_ALLMULTI;

std::string with_flags(const std::string& flags, unsigned long set, unsigned long cleared) {
    return fmt::format("{:#x}", (std::strtoul(flags.c_str(), nullptr, 16) | set) & ~cleared);
}
std::string lowered(const std::string& flags) {
    return with_flags(flags, 0, IFF_UP | kCounted);
}
std::string raised(const std::string& flags) {
    return with_flags(flags, IFF_UP, kCounted);
}

std::string flags_of(const std::string& ifname) {
    return of_interface(ifname, "flags");
}

void lower(const Nic& nic, bool vf_too, std::vector<Step>& steps) {
    if (nic.up()) {
        steps.push_back({.name = flags_of(nic.ifname), .text = lowered(nic.flags)});
    }
    if (vf_too && nic.vf && nic.vf->up()) {
        // It goes down with the NIC, in most cases; then this says what is so.
        steps.push_back(
            {.name = flags_of(nic.vf->ifname), .text = lowered(nic.vf->flags), .optional = true});
    }
}

void raise(const Origin& target, bool to_interface, std::vector<Step>& steps) {
    if (to_interface && is_up(target.flags)) {
        steps.push_back({.kind = Kind::kAwaitName, .name = target.ifname, .optional = true});
        steps.push_back(
            {.name = flags_of(target.ifname), .text = raised(target.flags), .optional = true});
    }
    if (is_up(target.vf_flags)) {
        steps.push_back({.name = flags_of(target.vf_ifname),
                         .text = raised(target.vf_flags),
                         .optional = true});
    }
}

Step remove_id() {
    return {.name = of_driver(kUioDriver, "remove_id"),
            .text = to_string(wire::kNicClass),
            .harmless = ENODEV,
            .removes_an_id = true};
}

/// Before Linux 4.18, for the class as a whole, and only for the moment in which one NIC needs it:
/// while the id is there, the driver takes any NIC that has none.
Step new_id() {
    return {.name = of_driver(kUioDriver, "new_id"),
            .text = to_string(wire::kNicClass),
            .harmless = EEXIST,
            .adds_an_id = true};
}

void change_driver(const Nic& nic, const std::string& driver, std::vector<Step>& steps) {
    if (!nic.driver.empty()) {
        steps.push_back({.name = of_driver(nic.driver, "unbind"), .text = nic.uuid});
    }
    // Also where no driver has it: somebody may have been killed between unbind and this.
    steps.push_back({.kind = Kind::kAwaitRelease, .name = nic.vf ? nic.vf->ifname : std::string()});
    if (!driver.empty()) {
        steps.push_back({.name = of_driver(driver, "bind"), .text = nic.uuid});
        steps.push_back(
            {.kind = driver == kUioDriver ? Kind::kAwaitUio : Kind::kAwaitKernelDriver});
    }
}

bool allows(const std::string& override_, const std::string& driver) {
    return override_.empty() || override_ == driver;
}

void set_override(const Nic& nic, const std::string& from, const std::string& to,
                  std::vector<Step>& steps) {
    if (nic.can_override && from != to) {
        steps.push_back({.name = of_device(nic.uuid, "driver_override"), .text = to + "\n"});
    }
}

}  // namespace

Origin origin_of(const Nic& nic) {
    return {.driver = nic.driver,
            .override_ = nic.override_,
            .ifname = nic.ifname,
            .mac = nic.mac,
            .flags = nic.flags,
            .vf_ifname = nic.vf ? nic.vf->ifname : std::string(),
            .vf_flags = nic.vf ? nic.vf->flags : std::string()};
}

Origin bound_state(const Nic& nic) {
    Origin state;
    state.driver = kUioDriver;
    state.override_ = nic.can_override ? kUioDriver : std::string_view();
    return state;
}

Origin kernel_state() {
    Origin state;
    state.driver = kNetDriver;
    return state;
}

std::vector<Step> plan(const Nic& nic, const Origin& target, Leftovers leftovers) {
    std::vector<Step> steps;
    const bool rebound = nic.driver != target.driver;
    const bool by_id = rebound && target.driver == kUioDriver && !nic.can_override;
    // An override of another driver would bar this one; it comes last.
    const std::string override_now =
        allows(target.override_, target.driver) || !rebound ? target.override_ : std::string();
    if (rebound) {
        lower(nic, target.driver == kUioDriver, steps);
    }
    if (leftovers.id) {
        steps.push_back(remove_id());
    }
    set_override(nic, nic.override_, override_now, steps);
    if (by_id) {
        steps.push_back(new_id());
    }
    if (rebound) {
        change_driver(nic, target.driver, steps);
    }
    if (by_id) {
        steps.push_back(remove_id());
    }
    set_override(nic, override_now, target.override_, steps);
    if (rebound || leftovers.lowered) {
        raise(target, target.driver == kNetDriver, steps);
    }
    return steps;
}

std::string shell_line(const Tree& tree, const Step& step) {
    switch (step.kind) {
        case Kind::kWrite: break;
        case Kind::kAwaitRelease:
            return step.name.empty()
                       ? "# wait until the driver has let go of the NIC"
                       : fmt::format("# wait until the driver has let go of the NIC and of {}",
                                     step.name);
        case Kind::kAwaitUio: return "# wait until the NIC has its uioN";
        case Kind::kAwaitKernelDriver: return "# wait until the NIC has its interface";
        case Kind::kAwaitName: return fmt::format("# wait for the name {}", step.name);
    }
    const std::string text = step.text.substr(0, step.text.find('\n'));
    return fmt::format("echo {} > {}", text.empty() ? "\"\"" : text, tree.path(step.name));
}

}  // namespace vmbus::devbind
