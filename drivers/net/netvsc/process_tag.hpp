// Which process of the application this is, as words in shared memory name it. Set before the first
// port is there; any thread reads it. No DPDK.
#pragma once

#include <cstdint>

namespace vmbus::netvsc {

/// The one that made the ports. It must not be a process id, and no other process has it.
inline constexpr std::uint32_t kPrimaryTag = 1;
/// Process ids are below 2^22 (Linux, PID_MAX_LIMIT).
inline constexpr std::uint32_t kSecondaryTag = 1U << 31;

constexpr std::uint32_t tag_of_secondary(std::uint32_t process) noexcept {
    return kSecondaryTag | process;
}
/// Requires: a tag of a secondary process.
constexpr int process_of(std::uint32_t tag) noexcept {
    return static_cast<int>(tag & ~kSecondaryTag);
}

inline constinit std::uint32_t process_tag = kPrimaryTag;

}  // namespace vmbus::netvsc
