// Packet buffers for tests of netvsc-fwd: made of bytes, read back as bytes, and counted, so that a
// test sees what was freed.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <vector>

namespace netvsc_fwd::test {

using FrameBytes = std::vector<std::uint8_t>;

/// The pool of all tests.
rte_mempool& pool();
/// Buffers of it that somebody has.
unsigned in_use();

/// The frame in segments of at most so many bytes.
rte_mbuf* mbuf_of(const FrameBytes& frame, std::size_t segment_bytes = 2048);
FrameBytes bytes_of(const rte_mbuf& packet);

}  // namespace netvsc_fwd::test
