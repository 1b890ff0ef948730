// Guest-physical addresses of our own memory, as /proc/self/pagemap tells them. EAL has a function
// for this, but it refuses to look when it runs without hugepages.
// Control threads. No DPDK. Docs: docs/nics/netvsc.md, "Addresses".
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace vmbus::netvsc {

/// The physical address behind `memory`, a page that was touched; nothing when the kernel does not
/// say (it tells privileged processes only).
std::optional<std::uint64_t> physical_address(const void* memory) noexcept;

/// The frame number of each page of `memory`, which is touched; 0 where the kernel does not say.
/// Requires: whole pages, and a number for each.
void page_frames(base::Bytes memory, std::span<std::uint64_t> frames) noexcept;

/// The same from the bits of a pagemap entry (Linux Documentation/admin-guide/mm/pagemap.rst):
/// present in bit 63, frame number in bits 0 to 54, zero when it is hidden.
constexpr std::optional<std::uint64_t> physical_address(std::uint64_t entry, std::uint64_t address,
                                                        std::uint64_t page_size) noexcept {
    constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
    constexpr std::uint64_t kFrame = (std::uint64_t{1} << 55) - 1;
    if ((entry & kPresent) == 0 || (entry & kFrame) == 0) {
        return std::nullopt;
    }
    return (entry & kFrame) * page_size + address % page_size;
}

}  // namespace vmbus::netvsc
