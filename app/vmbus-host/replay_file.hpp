// The file behind --replay: a record that becomes the NICs of a machine (format: docs/emulator.md).
#pragma once

#include <string>
#include <vector>

#include "host/machine.hpp"

namespace vmbus::host {

/// Reads the file into options.recording and options.nics. `nics` are the --nic options: where what
/// the guest sends goes, NIC by NIC. False and one line in `why` when it cannot be played.
bool read_replay_file(const std::string& file, const std::vector<std::string>& nics,
                      MachineOptions& options, std::string& why);

}  // namespace vmbus::host
