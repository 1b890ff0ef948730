// NVSP messages <-> bytes, for guest and host. Decoding checks size and type; what a host says of
// its buffers is checked here as well, once, so that nobody computes with it unchecked.
// Pure functions on private copies of the bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "wire/nvsp.hpp"

namespace vmbus::codec {

/// A message padded with zeroes to what its sender always sends.
using NvspBytes = std::array<std::byte, wire::kNvspGuestMessageBytes>;

template <class Message>
NvspBytes encode_nvsp(const Message& message) noexcept {
    static_assert(sizeof(Message) <= sizeof(NvspBytes), "larger messages are sent as they are");
    NvspBytes bytes{};
    base::store_at(bytes, 0, message);
    return bytes;
}

/// The message type, or nothing when there is not even that.
std::optional<wire::NvspType> nvsp_type(base::Bytes payload) noexcept;

/// The message when the payload is long enough and of that type. Longer payloads are fine: hosts
/// pad to 8 and to the size of their largest message.
template <class Message>
std::optional<Message> decode_nvsp(base::Bytes payload, wire::NvspType type) noexcept {
    if (nvsp_type(payload) != type) {
        return std::nullopt;
    }
    return base::try_load<Message>(payload);
}

bool is_known_version(std::uint32_t version) noexcept;
/// "6.1", "5" and so on; nullptr for a number that is no version.
const char* version_name(wire::NvspVersion version) noexcept;
std::optional<wire::NvspVersion> version_from_name(const char* name) noexcept;

/// The NDIS version that goes with it: 6.30 from NVSP 5 on, 6.1 before (Linux netvsc.c).
constexpr std::uint32_t ndis_minor_for(wire::NvspVersion version) noexcept {
    return version >= wire::NvspVersion::kV5 ? 30 : 1;
}

/// How the host cut the receive buffer: `count` pieces of `size` bytes from its start.
struct ReceiveLayout {
    std::uint32_t sub_allocation_size = 0;
    std::uint32_t count = 0;
};

/// Nothing unless it makes sense for a buffer of that many bytes: one section at offset 0, pieces
/// large enough for a frame, all inside.
std::optional<ReceiveLayout> check_receive_layout(
    const wire::NvspSendReceiveBufferComplete& message, std::size_t buffer_bytes) noexcept;

/// Sections that fit the send buffer, or nothing when the host's section size makes no sense.
std::optional<std::uint32_t> check_send_sections(const wire::NvspSendSendBufferComplete& message,
                                                 std::size_t buffer_bytes) noexcept;

/// An indirection table of the host inside `payload`, entries taken modulo `channels`. An offset
/// that is too small (hosts up to 6.0) or outside is replaced by where the table must be.
/// Requires: channels > 0.
std::optional<std::array<std::uint32_t, 16>> decode_indirection_table(
    base::Bytes payload, std::uint32_t channels) noexcept;

}  // namespace vmbus::codec
