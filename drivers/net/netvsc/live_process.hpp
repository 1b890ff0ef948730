// Whether a process of the application is still there. Control threads. No DPDK.
// Source: pidfd_open(2): the file is readable once the process has ended, also before its parent
// has waited for it.
#pragma once

#include <cstdint>

namespace vmbus::netvsc {

/// False once it has ended. True where that cannot be told.
bool process_lives(int process) noexcept;

/// By which process ids mean the same: two processes with the same number see each other's.
std::uint64_t process_namespace() noexcept;

}  // namespace vmbus::netvsc
