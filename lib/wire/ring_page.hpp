// The control page of one ring: indices and flags of one direction of a channel.
// Writer and reader of the ring sit on different sides of the hypervisor, so every word is Shared.
// Source: MS TLFS ring layout as in Linux include/linux/hyperv.h (struct hv_ring_buffer).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/shared.hpp"
#include "wire/wire_type.hpp"

namespace vmbus::wire {

/// feature_bits: both sides use pending_send_size and honour the other's.
inline constexpr std::uint32_t kFeaturePendingSendSize = 1;

struct RingPage {
    // Writer writes, reader reads.
    base::Shared<std::uint32_t> in;  ///< byte offset in the data where the next packet will go

    // Reader writes, writer reads.
    base::Shared<std::uint32_t> out;             ///< byte offset of the next packet to read
    base::Shared<std::uint32_t> interrupt_mask;  ///< 0: signal me when the ring becomes non-empty

    // Writer writes, reader reads.
    base::Shared<std::uint32_t> pending_send_size;  ///< 0, or the free bytes I wait for

    std::uint32_t reserved1[12];

    // Writer writes, reader reads.
    base::Shared<std::uint32_t> feature_bits;  ///< kFeaturePendingSendSize

    std::uint32_t reserved2[1007];
};
static_assert(sizeof(RingPage) == 4096, "the control page is one hypervisor page");
static_assert(std::is_standard_layout_v<RingPage>, "it is viewed in place, in mapped memory");
static_assert(offsetof(RingPage, out) == 4);
static_assert(offsetof(RingPage, interrupt_mask) == 8);
static_assert(offsetof(RingPage, pending_send_size) == 12);
static_assert(offsetof(RingPage, reserved1) == 16);
static_assert(offsetof(RingPage, feature_bits) == 64);
static_assert(offsetof(RingPage, reserved2) == 68);

}  // namespace vmbus::wire
