// The file behind --fault: fault scripts for the NICs of a machine (format: docs/emulator.md).
#pragma once

#include <string>
#include <vector>

#include "host/machine.hpp"

namespace vmbus::host {

/// The text of such a file, for so many NICs: one script for each.
bool parse_faults(const std::string& text, std::size_t nics, std::vector<FaultScript>& scripts,
                  std::string& why);

/// Reads the file into options.faults. False and one line in `why` when it is not what it should
/// be. Requires: options.nics is set.
bool read_fault_file(const std::string& file, MachineOptions& options, std::string& why);

}  // namespace vmbus::host
