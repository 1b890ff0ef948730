// The EAL options with which a DPDK program finds the bound NICs on this machine, and takes nothing
// else: what `args` prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nic.hpp"
#include "plugin.hpp"

namespace vmbus::devbind {

/// Requires: the NICs are on uio_hv_generic.
std::string eal_line(const Tree& tree, const std::vector<Nic>& nics,
                     const std::optional<Plugin>& plugin);

}  // namespace vmbus::devbind
