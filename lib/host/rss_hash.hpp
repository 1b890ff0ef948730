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
    std::size_t size = 0;
    std::array<std::byte, Toeplitz::kMaxInput> bytes{};

    base::Bytes view() const noexcept { return base::Bytes(bytes).first(size); }
};

/// `types` are the hashes that the guest asked for, wire::NdisHash bits.
RssInput rss_input(base::Bytes frame, std::uint32_t types) noexcept;

}  // namespace vmbus::host
