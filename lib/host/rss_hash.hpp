// What of a frame is hashed for receive-side scaling: the addresses, and the ports where the flow
// has any and the guest wants them. Frames come from the network: nothing in them is believed.
// Pure functions. Source: Microsoft, "RSS Hashing Types"; RFC 6275 for the home address.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "host/toeplitz.hpp"

namespace vmbus::host {

struct RssInput {
    std::uint32_t type = 0;  ///< one of wire::NdisHash; 0: nothing of this frame is hashed
    base::Bytes bytes;       ///< in the frame where they lie in a row there, or put together
};
using RssScratch = std::array<std::byte, Toeplitz::kMaxInput>;

/// `types` are the hashes that the guest asked for, wire::NdisHash bits. What must be put together
/// is put into `scratch`.
RssInput rss_input(base::Bytes frame, std::uint32_t types, RssScratch& scratch) noexcept;

}  // namespace vmbus::host
