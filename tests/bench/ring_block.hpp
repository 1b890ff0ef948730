// The memory of one ring under measurement: a control page and 2 MiB of data, as netvsc has it by
// default, on page boundaries and touched before the clock runs. Owned by the ring it serves.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/bytes.hpp"

namespace vmbus::bench {

inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kDataBytes = 2U << 20;
/// Room for the largest packet measured, and the most that are handled at once.
inline constexpr std::size_t kMaxPacketBytes = 2048;
inline constexpr unsigned kMaxBurst = 32;

struct Free {
    void operator()(std::byte* memory) const noexcept { std::free(memory); }
};
using Block = std::unique_ptr<std::byte[], Free>;

/// Zeroed, so that every page is there. Requires: bytes a multiple of kPageBytes.
inline Block make_block(std::size_t bytes) {
    Block block(static_cast<std::byte*>(std::aligned_alloc(kPageBytes, bytes)));
    std::memset(block.get(), 0, bytes);
    return block;
}

}  // namespace vmbus::bench
