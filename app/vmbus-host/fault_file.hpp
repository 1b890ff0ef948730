// The file behind --fault: fault scripts for the NICs of a machine (format: docs/emulator.md).
#pragma once

#include <string>

#include "host/machine.hpp"

namespace vmbus::host {

/// Reads the file into options.faults. False and one line in `why` when it is not what it should
/// be. Requires: options.nics is set.
bool read_fault_file(const std::string& file, MachineOptions& options, std::string& why);

}  // namespace vmbus::host
