#include "codec/rndis_codec.hpp"

#include <cstring>

namespace vmbus::codec {
namespace {

constexpr std::uint32_t kInitializeMajor = 1;

wire::RndisHeader header_of(wire::RndisType type, std::size_t length) noexcept {
    return {static_cast<std::uint32_t>(type), static_cast<std::uint32_t>(length)};
}

/// Stores a fixed struct and what follows it; 0 when there is no room.
template <class Message>
std::size_t put(base::MutableBytes out, const Message& message, base::Bytes tail = {}) noexcept {
    if (out.size() < sizeof message || out.size() - sizeof message < tail.size()) {
        return 0;
    }
    base::store_at(out, 0, message);
    if (!tail.empty()) {
        std::memcpy(out.data() + sizeof message, tail.data(), tail.size());
    }
    return sizeof message + tail.size();
}

std::size_t encode_id_only(base::MutableBytes out, wire::RndisType type,
                           std::uint32_t request_id) noexcept {
    return put(out, wire::RndisHalt{.header = header_of(type, sizeof(wire::RndisHalt)),
                                    .request_id = request_id});
}

std::size_t encode_oid_request(base::MutableBytes out, wire::RndisType type,
                               std::uint32_t request_id, wire::Oid oid, base::Bytes info) noexcept {
    return put(out,
               wire::RndisQuery{.header = header_of(type, sizeof(wire::RndisQuery) + info.size()),
                                .request_id = request_id,
                                .oid = static_cast<std::uint32_t>(oid),
                                .info_length = static_cast<std::uint32_t>(info.size()),
                                .info_offset = wire::kRndisRequestInfoOffset,
                                .vc_handle = 0},
               info);
}

/// The whole message of that type, with its struct copied out.
template <class Message>
RndisError load(base::Bytes& message, wire::RndisType type, Message& out) noexcept {
    wire::RndisHeader header{};
    if (const auto error = check_header(message, header); error != RndisError::kNone) {
        return error;
    }
    if (header.type != static_cast<std::uint32_t>(type)) {
        return RndisError::kBadType;
    }
    const auto loaded = base::try_load<Message>(message);
    if (!loaded) {
        return RndisError::kShort;
    }
    out = *loaded;
    return RndisError::kNone;
}

/// An information buffer that does not overlap the struct before it. An empty one is anywhere.
RndisError info_of(base::Bytes message, std::size_t struct_bytes, std::uint32_t offset,
                   std::uint32_t length, base::Bytes& info) noexcept {
    info = {};
    if (length == 0) {
        return RndisError::kNone;
    }
    const std::uint64_t start = std::uint64_t{offset} + wire::kRndisOffsetBase;
    const auto slice = base::try_slice(message, start, length);
    if (!slice || start < struct_bytes) {
        return RndisError::kBadInfo;
    }
    info = *slice;
    return RndisError::kNone;
}

RndisError decode_query_complete(base::Bytes message, Completion& completion) noexcept {
    wire::RndisQueryComplete reply{};
    if (const auto error = load(message, wire::RndisType::kQueryComplete, reply);
        error != RndisError::kNone) {
        return error;
    }
    completion.request_id = reply.request_id;
    completion.status = static_cast<wire::RndisStatus>(reply.status);
    return info_of(message, sizeof reply, reply.info_offset, reply.info_length, completion.info);
}

RndisError decode_initialize_complete(base::Bytes message, Completion& completion) noexcept {
    auto& reply = completion.initialize;
    if (const auto error = load(message, wire::RndisType::kInitializeComplete, reply);
        error != RndisError::kNone) {
        return error;
    }
    completion.request_id = reply.request_id;
    completion.status = static_cast<wire::RndisStatus>(reply.status);
    const bool sane = reply.max_packets_per_message > 0 && reply.max_transfer_size > 0 &&
                      reply.packet_alignment_factor <= kMaxAlignmentFactor;
    return completion.status != wire::RndisStatus::kSuccess || sane ? RndisError::kNone
                                                                    : RndisError::kBadValue;
}

RndisError decode_status_complete(base::Bytes message, wire::RndisType type,
                                  Completion& completion) noexcept {
    wire::RndisSetComplete reply{};
    if (const auto error = load(message, type, reply); error != RndisError::kNone) {
        return error;
    }
    completion.request_id = reply.request_id;
    completion.status = static_cast<wire::RndisStatus>(reply.status);
    return RndisError::kNone;
}

}  // namespace

const char* to_string(RndisError error) noexcept {
    switch (error) {
        case RndisError::kNone: return "none";
        case RndisError::kShort: return "short";
        case RndisError::kBadLength: return "bad_length";
        case RndisError::kBadType: return "bad_type";
        case RndisError::kBadInfo: return "bad_info";
        case RndisError::kBadValue: return "bad_value";
    }
    return "unknown";
}

RndisError check_header(base::Bytes& message, wire::RndisHeader& header) noexcept {
    const auto loaded = base::try_load<wire::RndisHeader>(message);
    if (!loaded) {
        return RndisError::kShort;
    }
    if (loaded->length < sizeof *loaded || loaded->length > message.size()) {
        return RndisError::kBadLength;
    }
    header = *loaded;
    message = message.first(header.length);
    return RndisError::kNone;
}

std::size_t encode_initialize(base::MutableBytes out, std::uint32_t request_id,
                              std::uint32_t max_transfer_size) noexcept {
    return put(out, wire::RndisInitialize{.header = header_of(wire::RndisType::kInitialize,
                                                              sizeof(wire::RndisInitialize)),
                                          .request_id = request_id,
                                          .major = kInitializeMajor,
                                          .minor = 0,
                                          .max_transfer_size = max_transfer_size});
}

std::size_t encode_halt(base::MutableBytes out, std::uint32_t request_id) noexcept {
    return encode_id_only(out, wire::RndisType::kHalt, request_id);
}

std::size_t encode_keepalive(base::MutableBytes out, std::uint32_t request_id) noexcept {
    return encode_id_only(out, wire::RndisType::kKeepalive, request_id);
}

std::size_t encode_query(base::MutableBytes out, std::uint32_t request_id, wire::Oid oid,
                         base::Bytes info) noexcept {
    return encode_oid_request(out, wire::RndisType::kQuery, request_id, oid, info);
}

std::size_t encode_set(base::MutableBytes out, std::uint32_t request_id, wire::Oid oid,
                       base::Bytes info) noexcept {
    return encode_oid_request(out, wire::RndisType::kSet, request_id, oid, info);
}

RndisError decode_oid_request(base::Bytes message, wire::RndisType type,
                              OidRequest& request) noexcept {
    wire::RndisQuery query{};
    if (const auto error = load(message, type, query); error != RndisError::kNone) {
        return error;
    }
    request.request_id = query.request_id;
    request.oid = static_cast<wire::Oid>(query.oid);
    return info_of(message, sizeof query, query.info_offset, query.info_length, request.info);
}

RndisError decode_initialize(base::Bytes message, wire::RndisInitialize& request) noexcept {
    return load(message, wire::RndisType::kInitialize, request);
}

RndisError decode_request_id(base::Bytes message, wire::RndisType type,
                             std::uint32_t& request_id) noexcept {
    wire::RndisHalt request{};
    if (const auto error = load(message, type, request); error != RndisError::kNone) {
        return error;
    }
    request_id = request.request_id;
    return RndisError::kNone;
}

std::size_t encode_initialize_complete(base::MutableBytes out,
                                       const wire::RndisInitializeComplete& reply) noexcept {
    auto message = reply;
    message.header = header_of(wire::RndisType::kInitializeComplete, sizeof message);
    return put(out, message);
}

std::size_t encode_query_complete(base::MutableBytes out, std::uint32_t request_id,
                                  wire::RndisStatus status, base::Bytes info) noexcept {
    return put(out,
               wire::RndisQueryComplete{
                   .header = header_of(wire::RndisType::kQueryComplete,
                                       sizeof(wire::RndisQueryComplete) + info.size()),
                   .request_id = request_id,
                   .status = static_cast<std::uint32_t>(status),
                   .info_length = static_cast<std::uint32_t>(info.size()),
                   .info_offset = wire::kRndisQueryInfoOffset},
               info);
}

std::size_t encode_status_complete(base::MutableBytes out, wire::RndisType type,
                                   std::uint32_t request_id, wire::RndisStatus status) noexcept {
    return put(out,
               wire::RndisSetComplete{.header = header_of(type, sizeof(wire::RndisSetComplete)),
                                      .request_id = request_id,
                                      .status = static_cast<std::uint32_t>(status)});
}

std::size_t encode_indicate_status(base::MutableBytes out, wire::RndisStatus status,
                                   base::Bytes info) noexcept {
    // A status without information says offset 0, as hosts do.
    constexpr std::uint32_t kInfoOffset =
        sizeof(wire::RndisIndicateStatus) - wire::kRndisOffsetBase;
    return put(out,
               wire::RndisIndicateStatus{
                   .header = header_of(wire::RndisType::kIndicateStatus,
                                       sizeof(wire::RndisIndicateStatus) + info.size()),
                   .status = static_cast<std::uint32_t>(status),
                   .buffer_length = static_cast<std::uint32_t>(info.size()),
                   .buffer_offset = info.empty() ? 0 : kInfoOffset},
               info);
}

RndisError decode_completion(base::Bytes message, Completion& completion) noexcept {
    completion = {};
    wire::RndisHeader header{};
    if (const auto error = check_header(message, header); error != RndisError::kNone) {
        return error;
    }
    completion.type = static_cast<wire::RndisType>(header.type);
    switch (completion.type) {
        case wire::RndisType::kInitializeComplete:
            return decode_initialize_complete(message, completion);
        case wire::RndisType::kQueryComplete: return decode_query_complete(message, completion);
        case wire::RndisType::kSetComplete:
        case wire::RndisType::kKeepaliveComplete:
            return decode_status_complete(message, completion.type, completion);
        default: return RndisError::kBadType;
    }
}

RndisError decode_indicate_status(base::Bytes message, StatusIndication& indication) noexcept {
    wire::RndisIndicateStatus status{};
    if (const auto error = load(message, wire::RndisType::kIndicateStatus, status);
        error != RndisError::kNone) {
        return error;
    }
    indication.status = static_cast<wire::RndisStatus>(status.status);
    return info_of(message, sizeof status, status.buffer_offset, status.buffer_length,
                   indication.info);
}

}  // namespace vmbus::codec
