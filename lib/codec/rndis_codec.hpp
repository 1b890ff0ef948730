// RNDIS control messages <-> bytes, for guest and host. Decoders take a private copy of the whole
// message and return a value whose spans lie inside it, or the reason why not.
// Pure functions. Source: MS-RNDIS 2.2.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "wire/oid.hpp"
#include "wire/rndis.hpp"

namespace vmbus::codec {

enum class RndisError : std::uint8_t {
    kNone,
    kShort,      ///< shorter than its struct
    kBadLength,  ///< length field outside [struct, bytes received]
    kBadType,    ///< not the message that was expected
    kBadInfo,    ///< information buffer outside the message
    kBadValue,   ///< a field out of its range
};
const char* to_string(RndisError error) noexcept;

/// The common header when its length field fits the bytes; `message` is cut to that length.
RndisError check_header(base::Bytes& message, wire::RndisHeader& header) noexcept;

// ---- Guest to host. Each encoder returns the message length, 0 when `out` is too small.

std::size_t encode_initialize(base::MutableBytes out, std::uint32_t request_id,
                              std::uint32_t max_transfer_size) noexcept;
std::size_t encode_halt(base::MutableBytes out, std::uint32_t request_id) noexcept;
std::size_t encode_keepalive(base::MutableBytes out, std::uint32_t request_id) noexcept;
/// `info` is the input buffer: usually empty.
std::size_t encode_query(base::MutableBytes out, std::uint32_t request_id, wire::Oid oid,
                         base::Bytes info = {}) noexcept;
std::size_t encode_set(base::MutableBytes out, std::uint32_t request_id, wire::Oid oid,
                       base::Bytes info) noexcept;

/// A QUERY or SET as the host receives it.
struct OidRequest {
    std::uint32_t request_id = 0;
    wire::Oid oid{};
    base::Bytes info{};
};
RndisError decode_oid_request(base::Bytes message, wire::RndisType type,
                              OidRequest& request) noexcept;
RndisError decode_initialize(base::Bytes message, wire::RndisInitialize& request) noexcept;
/// HALT and KEEPALIVE carry nothing but the id.
RndisError decode_request_id(base::Bytes message, wire::RndisType type,
                             std::uint32_t& request_id) noexcept;

// ---- Host to guest.

std::size_t encode_initialize_complete(base::MutableBytes out,
                                       const wire::RndisInitializeComplete& reply) noexcept;
std::size_t encode_query_complete(base::MutableBytes out, std::uint32_t request_id,
                                  wire::RndisStatus status, base::Bytes info) noexcept;
/// SET and KEEPALIVE are answered alike.
std::size_t encode_status_complete(base::MutableBytes out, wire::RndisType type,
                                   std::uint32_t request_id, wire::RndisStatus status) noexcept;
std::size_t encode_indicate_status(base::MutableBytes out, wire::RndisStatus status,
                                   base::Bytes info) noexcept;

/// Any completion as the guest receives it. `info` only for QUERY.
struct Completion {
    wire::RndisType type{};
    std::uint32_t request_id = 0;
    wire::RndisStatus status{};
    base::Bytes info{};
    wire::RndisInitializeComplete initialize{};  ///< only for INITIALIZE, and checked then
};
/// Whether it is one, and whole. The caller matches id and type with its request.
RndisError decode_completion(base::Bytes message, Completion& completion) noexcept;

struct StatusIndication {
    wire::RndisStatus status{};
    base::Bytes info{};
};
RndisError decode_indicate_status(base::Bytes message, StatusIndication& indication) noexcept;

/// Largest packet_alignment_factor that is believed: 4 KiB. It is a shift count.
inline constexpr std::uint32_t kMaxAlignmentFactor = 12;

}  // namespace vmbus::codec
