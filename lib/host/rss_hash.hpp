// What of a frame is hashed for receive-side scaling: the addresses, and the ports where the flow
// has any and the guest wants them. Frames come from the network: nothing in them is believed.
// Pure functions. Source: Microsoft, "RSS Hashing Types"; RFC 6275 for the home address.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "host/toeplitz.hpp"
#include "wire/ndis.hpp"

namespace vmbus::host {

struct RssInput {
    std::uint32_t type = 0;  ///< one of wire::NdisHash; 0: nothing of this frame is hashed
    base::Bytes bytes;       ///< in the frame where they lie in a row there, or put together
};
using RssScratch = std::array<std::byte, Toeplitz::kMaxInput>;

/// rss_input() of any frame, the long way.
RssInput any_rss_input(base::Bytes frame, std::uint32_t types, RssScratch& scratch) noexcept;

/// `types` are the hashes that the guest asked for, wire::NdisHash bits. What must be put together
/// is put into `scratch`. In line is what nearly all frames are: IPv4 with a header of 20 bytes and
/// four bytes of payload at least, not tagged and no fragment.
inline RssInput rss_input(base::Bytes frame, std::uint32_t types, RssScratch& scratch) noexcept {
    constexpr std::size_t kType = 12;
    constexpr std::size_t kFragment = 20;
    constexpr std::size_t kProtocol = 23;
    constexpr std::size_t kAddresses = 26;
    constexpr std::size_t kPorts = 34;
    // As they lie in memory: type and first byte of the header; "more fragments" and the offset.
    constexpr std::uint32_t kIpv4WithoutOptions = 0x45'0008;
    constexpr std::uint16_t kFragmentBits = 0xFF3F;
    if (frame.size() < kPorts + 4 ||
        (base::load_at<std::uint32_t>(frame, kType) & 0xFF'FFFF) != kIpv4WithoutOptions ||
        (base::load_at<std::uint16_t>(frame, kFragment) & kFragmentBits) != 0) [[unlikely]] {
        return any_rss_input(frame, types, scratch);
    }
    constexpr auto kTcp = std::byte{6};
    constexpr auto kUdp = std::byte{17};
    const std::byte protocol = frame[kProtocol];
    const std::uint32_t with_ports = protocol == kTcp   ? types & wire::kNdisHashTcpIpv4
                                     : protocol == kUdp ? types & wire::kNdisHashUdpIpv4
                                                        : 0;
    return with_ports != 0
               ? RssInput{with_ports, frame.subspan(kAddresses, kPorts + 4 - kAddresses)}
               : RssInput{types & wire::kNdisHashIpv4,
                          frame.subspan(kAddresses, kPorts - kAddresses)};
}

}  // namespace vmbus::host
