// A control message -> every decoder of guest and host. Input: the message.
#include <algorithm>
#include <array>
#include <vector>

#include "codec/rndis_codec.hpp"
#include "fuzz_input.hpp"

namespace {

using namespace vmbus;
using namespace vmbus::codec;
using fuzz::inside;
using fuzz::require;
using wire::RndisType;

bool ok(RndisError error) {
    require(to_string(error) != nullptr);
    return error == RndisError::kNone;
}

void check_oid_request(base::Bytes message, RndisType type) {
    OidRequest request;
    if (!ok(decode_oid_request(message, type, request))) return;
    require(inside(request.info, message));
    // What was read is written and read again.
    std::vector<std::byte> out(sizeof(wire::RndisQuery) + request.info.size());
    require(encode_set(out, request.request_id, request.oid, request.info) == out.size());
    OidRequest again;
    require(ok(decode_oid_request(out, RndisType::kSet, again)));
    require(again.request_id == request.request_id && again.oid == request.oid);
    require(std::ranges::equal(again.info, request.info));
}

void as_host(base::Bytes message) {
    check_oid_request(message, RndisType::kQuery);
    check_oid_request(message, RndisType::kSet);
    wire::RndisInitialize initialize{};
    ok(decode_initialize(message, initialize));
    std::uint32_t id = 0;
    ok(decode_request_id(message, RndisType::kHalt, id));
    ok(decode_request_id(message, RndisType::kKeepalive, id));
}

void as_guest(base::Bytes message) {
    Completion completion;
    if (ok(decode_completion(message, completion))) {
        require(inside(completion.info, message));
        require(completion.info.empty() || completion.type == RndisType::kQueryComplete);
        if (completion.type == RndisType::kInitializeComplete &&
            completion.status == wire::RndisStatus::kSuccess) {
            require(completion.initialize.packet_alignment_factor <= kMaxAlignmentFactor);
        }
    }
    StatusIndication indication;
    if (ok(decode_indicate_status(message, indication))) {
        require(inside(indication.info, message));
    }
}

}  // namespace

// conformance: fuzz_netvsp_oid
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::Bytes message = std::as_bytes(std::span(data, size));
    as_host(message);
    as_guest(message);
    base::Bytes whole = message;
    wire::RndisHeader header{};
    if (ok(check_header(whole, header))) {
        require(inside(whole, message) && whole.size() == header.length);
    }
    return 0;
}
