// Writes a file so that whoever reads it, or finds it after a crash, sees the old or the new one.
#pragma once

#include <string>
#include <string_view>

namespace vmbus::devbind {

enum class Outlasts { kThisProgram, kPowerLoss };

/// Mode 0644. 0 or an errno; then nothing has changed.
int write_whole_file(const std::string& path, std::string_view text, Outlasts outlasts);

}  // namespace vmbus::devbind
