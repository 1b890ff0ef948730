// What a packet of a record, or of a guest that a record is played to, is about: the two are
// compared by it. Bytes come from a file or from a guest and are never trusted.
// Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "wire/packet.hpp"
#include "wire/rndis.hpp"

namespace vmbus::host {

/// A packet without its footer, cut at its own lengths.
struct PacketParts {
    wire::PacketDescriptor descriptor{};
    base::Bytes header;  ///< what follows the descriptor by type: ranges
    base::Bytes payload;

    wire::PacketType type() const noexcept {
        return static_cast<wire::PacketType>(descriptor.type);
    }
};
/// Nothing when its lengths contradict each other.
std::optional<PacketParts> parts_of(base::Bytes packet) noexcept;
/// Of a transfer-page packet, as many as there is room for; else none.
std::vector<wire::TransferPageRange> ranges_of(const PacketParts& parts);

/// Where the request id stands in every RNDIS control message.
inline constexpr std::size_t kRequestIdOffset = sizeof(wire::RndisHeader);

/// What a message is about: two requests are the same when these are.
struct MessageKind {
    std::uint32_t nvsp = 0;   ///< NvspType
    std::uint32_t rndis = 0;  ///< RndisType of what it carries; 0 when it carries nothing
    std::uint32_t oid = 0;    ///< of a QUERY or SET

    bool operator==(const MessageKind&) const = default;
    bool is_frames() const noexcept;
    bool is_query() const noexcept;
};
/// From the NVSP message and the bytes that it points to.
MessageKind kind_of_message(base::Bytes payload, base::Bytes data) noexcept;
/// As in "QUERY OID_GEN_LINK_SPEED".
std::string to_string(const MessageKind& kind);

/// The id of the request that an RNDIS message of the host answers; nothing when it answers none.
std::optional<std::uint32_t> reply_to(base::Bytes message) noexcept;

/// An RNDIS message shuts the packet filter or halts, or an NVSP message revokes a buffer.
bool says_goodbye(const MessageKind& kind, base::Bytes data) noexcept;
/// INIT, or a packet filter that lets frames in.
bool begins_something(const MessageKind& kind, base::Bytes data) noexcept;

/// The first byte of [from, to) that is not the same in both, as " differs at byte N: ...", or
/// nothing. Where both have ended, nothing differs.
std::string difference_between(base::Bytes expected, base::Bytes got, std::size_t from,
                               std::size_t to);

/// Each frame of RNDIS messages that stand one behind the other, as far as they are whole; a tag in
/// the info that goes with a frame is put in.
void for_each_frame(base::Bytes messages, const std::function<void(base::Bytes)>& visit);

}  // namespace vmbus::host
