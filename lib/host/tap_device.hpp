// A tap device of the kernel: where a port of the emulated host meets a real network stack. Made or
// attached to by name, in the host's own network namespace or in another one. Control path only.
// Source: Linux Documentation/networking/tuntap.rst.
#pragma once

#include <string>

#include "base/unique_fd.hpp"
#include "host/port_spec.hpp"

namespace vmbus::host {

/// A non-blocking descriptor on which each read() and write() is one whole frame, checksums
/// complete, and the device is up. A device that did not exist goes with the descriptor. On failure
/// the result is empty, and `why` says in one line what to do.
base::UniqueFd open_tap(const TapPortSpec& spec, std::string& why);

}  // namespace vmbus::host
