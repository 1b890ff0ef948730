// From the state that a NIC is in to the one it shall be in: the list of writes to sysfs, and of
// what has to settle between them. Pure: nothing is written here. The way back is a plan too, from
// whatever state a failure or a kill left behind, so there is no second list to go stale.
#pragma once

#include <string>
#include <vector>

#include "nic.hpp"
#include "record.hpp"

namespace vmbus::devbind {

struct Step {
    enum class Kind {
        kWrite,
        // The driver has let go: neither interface nor uioN, and the VF is nobody's. hv_netvsc's
        // unbind returns before the VF is unregistered, and binding then brings the kernel down
        // (linux-hyperv 2021-06-03, "Unbind exits before the VFs bound to it are unregistered").
        kAwaitRelease,
        kAwaitUio,
        kAwaitKernelDriver,
        kAwaitName,  // udev has given the interface its name
    };
    Kind kind = Kind::kWrite;
    std::string name{};  // attribute; for kAwaitRelease the VF's interface; kAwaitName: interface
    std::string text{};
    int harmless = 0;            // errno that says: it is so already
    bool optional = false;       // without it the NIC is usable as well
    bool adds_an_id = false;     // new_id: once done it is to be undone
    bool removes_an_id = false;  // remove_id: only if it is we who added it
};

/// The state as it is, to come back to.
Origin origin_of(const Nic& nic);
/// The state that `bind` wants.
Origin bound_state(const Nic& nic);
/// The state that `restore` wants of a NIC of which nothing is known.
Origin kernel_state();

/// What may be so beside the state that sysfs shows.
struct Leftovers {
    bool id = false;       // an id that we wrote to new_id
    bool lowered = false;  // the interface, without the driver having changed
};
/// Nothing when the NIC is in that state.
std::vector<Step> plan(const Nic& nic, const Origin& target, Leftovers leftovers = {});

/// As a shell would say it: "echo TEXT > PATH", or a comment for what is waited for.
std::string shell_line(const Tree& tree, const Step& step);

}  // namespace vmbus::devbind
