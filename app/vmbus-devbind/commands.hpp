// What each command does, from the words of the command line to the exit code.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace vmbus::devbind {

Exit run_command(const Options& options);

}  // namespace vmbus::devbind
