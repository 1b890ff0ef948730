// The 802.1Q tag: in line behind the addresses of a frame on the network, in per-packet info
// between guest and host. Pure functions. Requires everywhere: the bytes lie inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"

namespace vmbus::host {

inline constexpr std::size_t kEthernetBytes = 14;
inline constexpr std::size_t kAddressBytes = 12;
inline constexpr std::size_t kTagBytes = 4;

inline bool is_tagged(base::Bytes frame) noexcept {
    constexpr std::uint16_t kTagType = 0x0081;  // 0x8100 as it lies in memory
    return frame.size() >= kEthernetBytes + kTagBytes &&
           base::load_at<std::uint16_t>(frame, kAddressBytes) == kTagType;
}

/// The tag control information: priority, DEI, id from the top.
inline std::uint16_t tci_of(base::Bytes tagged) noexcept {
    return base::load_be16(tagged, kAddressBytes + 2);
}

/// Writes a tag in front of the type of a frame that starts kTagBytes into `room`: the addresses
/// move up, the rest stays. The tagged frame is all of `room`.
inline void insert_tag(base::MutableBytes room, std::uint16_t tci) noexcept {
    std::memmove(room.data(), room.data() + kTagBytes, kAddressBytes);
    base::store_at(room, kAddressBytes, std::uint16_t{0x0081});
    base::store_be16(room, kAddressBytes + 2, tci);
}

}  // namespace vmbus::host
