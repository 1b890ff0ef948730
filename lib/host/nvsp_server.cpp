#include "host/nvsp_server.hpp"

#include <algorithm>

#include "codec/nvsp_codec.hpp"

namespace vmbus::host {
namespace {

using wire::NvspStatus;
using wire::NvspType;
using wire::NvspVersion;

/// Frames with their Ethernet header; what lies outside is taken for the default (OpenVMM netvsp).
constexpr std::uint32_t kDefaultMtu = 1514;
constexpr std::uint32_t kMaxMtu = 9216;
constexpr std::uint32_t kMaxMdlChain = 34;
constexpr std::uint32_t kAllocateSubChannels = 1;
constexpr std::uint32_t kNdisNotSupported = 0xC00000BB;

template <class Message>
NvspServer::Reply reply_with(const Message& message) noexcept {
    NvspServer::Reply reply;
    base::store_at(reply.bytes, 0, message);
    reply.size = sizeof message;
    return reply;
}

NvspServer::Reply no_reply() noexcept {
    NvspServer::Reply reply;
    reply.none = true;
    return reply;
}

NvspServer::Reply init_complete(NvspStatus status, bool v1) noexcept {
    auto reply = reply_with(
        wire::NvspInitComplete{.type = static_cast<std::uint32_t>(NvspType::kInitComplete),
                               .negotiated_version = v1 ? 2 : UINT32_MAX,
                               .max_mdl_chain_length = kMaxMdlChain,
                               .status = static_cast<std::uint32_t>(status)});
    reply.old_size = true;
    return reply;
}

NvspServer::Reply receive_complete(NvspStatus status, const ReceiveBuffer& buffer) noexcept {
    const bool ok = status == NvspStatus::kSuccess;
    return reply_with(wire::NvspSendReceiveBufferComplete{
        .type = static_cast<std::uint32_t>(NvspType::kSendReceiveBufferComplete),
        .status = static_cast<std::uint32_t>(status),
        .num_sections = ok ? 1U : 0U,
        .offset = 0,
        .sub_allocation_size = ok ? buffer.piece_bytes() : 0,
        .num_sub_allocations = ok ? buffer.count() : 0,
        .end_offset = ok ? buffer.piece_bytes() * buffer.count() : 0});
}

NvspServer::Reply send_complete(NvspStatus status) noexcept {
    return reply_with(wire::NvspSendSendBufferComplete{
        .type = static_cast<std::uint32_t>(NvspType::kSendSendBufferComplete),
        .status = static_cast<std::uint32_t>(status),
        .section_size = status == NvspStatus::kSuccess ? kSendSectionBytes : 0});
}

NvspServer::Reply sub_channel_complete(NvspStatus status, std::uint32_t count = 0) noexcept {
    return reply_with(
        wire::NvspSubChannelComplete{.type = static_cast<std::uint32_t>(NvspType::kSubChannel),
                                     .status = static_cast<std::uint32_t>(status),
                                     .count = count});
}

/// What a request gets that came at the wrong time or was malformed.
NvspServer::Reply refusal(NvspType type, const ReceiveBuffer& buffer) noexcept {
    switch (type) {
        case NvspType::kInit: return init_complete(NvspStatus::kFailure, false);
        case NvspType::kSendReceiveBuffer: return receive_complete(NvspStatus::kFailure, buffer);
        case NvspType::kSendSendBuffer: return send_complete(NvspStatus::kFailure);
        case NvspType::kSubChannel: return sub_channel_complete(NvspStatus::kFailure);
        default: return {};
    }
}

std::size_t struct_bytes(NvspType type) noexcept {
    switch (type) {
        case NvspType::kInit: return sizeof(wire::NvspInit);
        case NvspType::kSendNdisVersion: return sizeof(wire::NvspSendNdisVersion);
        case NvspType::kSendNdisConfig: return sizeof(wire::NvspSendNdisConfig);
        case NvspType::kSendReceiveBuffer:
        case NvspType::kSendSendBuffer: return sizeof(wire::NvspSendReceiveBuffer);
        case NvspType::kRevokeReceiveBuffer:
        case NvspType::kRevokeSendBuffer: return sizeof(wire::NvspRevokeBuffer);
        case NvspType::kSwitchDataPath: return sizeof(wire::NvspSwitchDataPath);
        case NvspType::kSubChannel: return sizeof(wire::NvspSubChannelRequest);
        case NvspType::kOidQueryEx: return 12;
        default: return sizeof(wire::NvspHeader);
    }
}

bool expects_completion(NvspType type) noexcept {
    return type == NvspType::kInit || type == NvspType::kSendReceiveBuffer ||
           type == NvspType::kSendSendBuffer || type == NvspType::kSubChannel ||
           type == NvspType::kOidQueryEx;
}

}  // namespace

NvspServer::Reply NvspServer::handle(base::Bytes payload, bool completion_requested) noexcept {
    const auto type = codec::nvsp_type(payload);
    if (!type) {
        violations_.record(Violation::kNvspShortMessage, payload);
        return {};
    }
    if (!known(*type)) {
        violations_.record(Violation::kNvspUnknownType, payload);
        return {};
    }
    if (expects_completion(*type) && !completion_requested) {
        violations_.record(Violation::kMissingCompletionFlag, payload);
    }
    if (payload.size() < struct_bytes(*type)) {
        violations_.record(Violation::kNvspShortMessage, payload);
        return refusal(*type, receive_);
    }
    return in_order(*type, payload) ? dispatch(*type, payload) : refusal(*type, receive_);
}

NvspServer::Reply NvspServer::handle_on_sub_channel(base::Bytes payload,
                                                    bool completion_requested) noexcept {
    const auto type = codec::nvsp_type(payload);
    if (!type || *type == NvspType::kOidQueryEx || !known(*type)) {
        return handle(payload, completion_requested);
    }
    violations_.record(Violation::kNvspOnSubChannel, payload);
    return refusal(*type, receive_);
}

/// Guest requests only, of the version that was agreed on. Before that, all have a known type: they
/// are in the wrong order.
bool NvspServer::known(NvspType type) const noexcept {
    const auto since = [&](NvspVersion version) {
        return state_ == State::kVersion || version_ >= version;
    };
    switch (type) {
        case NvspType::kInit:
        case NvspType::kSendNdisVersion:
        case NvspType::kSendReceiveBuffer:
        case NvspType::kRevokeReceiveBuffer:
        case NvspType::kSendSendBuffer:
        case NvspType::kRevokeSendBuffer: return true;
        case NvspType::kSendNdisConfig: return since(NvspVersion::kV2);
        case NvspType::kSwitchDataPath: return since(NvspVersion::kV4);
        case NvspType::kOidQueryEx:
        case NvspType::kSubChannel: return since(NvspVersion::kV5);
        default: return false;
    }
}

bool NvspServer::in_order(NvspType type, base::Bytes payload) noexcept {
    bool right = false;
    switch (type) {
        case NvspType::kInit: right = state_ == State::kVersion; break;
        case NvspType::kSendNdisConfig:
        case NvspType::kSendNdisVersion:
        case NvspType::kSendSendBuffer: right = state_ == State::kInit; break;
        case NvspType::kSendReceiveBuffer:
            // The guest's MTU decides how the buffer is cut.
            right = state_ == State::kInit && (have_config_ || version_ < NvspVersion::kV2);
            break;
        case NvspType::kRevokeReceiveBuffer:
        case NvspType::kRevokeSendBuffer: right = state_ != State::kVersion; break;
        default: right = state_ == State::kReady; break;
    }
    if (right && !repeated(type)) {
        return true;
    }
    violations_.record(state_ == State::kRevoked ? Violation::kNvspAfterRevoke
                       : repeated(type)          ? Violation::kNvspRepeated
                                                 : Violation::kNvspWrongOrder,
                       payload);
    return false;
}

bool NvspServer::repeated(NvspType type) const noexcept {
    switch (type) {
        case NvspType::kInit: return state_ != State::kVersion;
        case NvspType::kSendNdisConfig: return have_config_;
        case NvspType::kSendNdisVersion: return have_ndis_version_;
        case NvspType::kSendReceiveBuffer: return receive_.attached();
        case NvspType::kSendSendBuffer: return send_.attached();
        default: return false;
    }
}

NvspServer::Reply NvspServer::dispatch(NvspType type, base::Bytes payload) noexcept {
    switch (type) {
        case NvspType::kInit: return init(payload);
        case NvspType::kSendNdisConfig: return ndis_config(payload);
        case NvspType::kSendNdisVersion: return ndis_version(payload);
        case NvspType::kSendReceiveBuffer: return receive_buffer(payload);
        case NvspType::kSendSendBuffer: return send_buffer(payload);
        case NvspType::kSubChannel: return sub_channels(payload);
        case NvspType::kSwitchDataPath: return switch_data_path(payload);
        case NvspType::kOidQueryEx:
            return reply_with(wire::NvspOidQueryExComplete{
                .type = static_cast<std::uint32_t>(NvspType::kOidQueryExComplete),
                .status = kNdisNotSupported,
                .bytes = 0});
        default: return revoke(payload, type);
    }
}

NvspServer::Reply NvspServer::init(base::Bytes payload) noexcept {
    const auto wanted = base::load_at<wire::NvspInit>(payload, 0).protocol_version;
    if (!codec::is_known_version(wanted) || wanted > static_cast<std::uint32_t>(spec_.nvsp)) {
        return init_complete(NvspStatus::kNone, false);  // the guest tries an older one
    }
    version_ = static_cast<NvspVersion>(wanted);
    mtu_ = kDefaultMtu;
    state_ = State::kInit;
    counters_.nvsp_version = wanted;
    counters_.guest_mtu = mtu_;
    return init_complete(NvspStatus::kSuccess, version_ == NvspVersion::kV1);
}

NvspServer::Reply NvspServer::ndis_config(base::Bytes payload) noexcept {
    const auto config = base::load_at<wire::NvspSendNdisConfig>(payload, 0);
    mtu_ = config.mtu >= kDefaultMtu && config.mtu <= kMaxMtu ? config.mtu : kDefaultMtu;
    counters_.guest_mtu = mtu_;
    capabilities_ = counters_.guest_capabilities = config.capabilities_low;
    have_config_ = true;
    become_ready();
    return {};
}

NvspServer::Reply NvspServer::ndis_version(base::Bytes payload) noexcept {
    const auto version = base::load_at<wire::NvspSendNdisVersion>(payload, 0);
    ndis_major_ = counters_.ndis_major = version.major;
    ndis_minor_ = counters_.ndis_minor = version.minor;
    have_ndis_version_ = true;
    become_ready();
    return {};
}

NvspServer::Reply NvspServer::receive_buffer(base::Bytes payload) noexcept {
    const auto request = base::load_at<wire::NvspSendReceiveBuffer>(payload, 0);
    if (request.gpadl != shared_.receive_gpadl) {
        violations_.record(Violation::kNvspUnknownGpadl, payload);
        return receive_complete(NvspStatus::kFailure, receive_);
    }
    if (!receive_.attach(shared_.receive, request.id, mtu_, spec_.pieces)) {
        violations_.record(Violation::kNvspBufferTooSmall, payload);
        return receive_complete(NvspStatus::kFailure, receive_);
    }
    become_ready();
    return receive_complete(NvspStatus::kSuccess, receive_);
}

NvspServer::Reply NvspServer::send_buffer(base::Bytes payload) noexcept {
    const auto request = base::load_at<wire::NvspSendSendBuffer>(payload, 0);
    if (request.gpadl != shared_.send_gpadl) {
        violations_.record(Violation::kNvspUnknownGpadl, payload);
        return send_complete(NvspStatus::kFailure);
    }
    if (!send_.attach(shared_.send)) {
        violations_.record(Violation::kNvspBufferTooSmall, payload);
        return send_complete(NvspStatus::kFailure);
    }
    become_ready();
    return send_complete(NvspStatus::kSuccess);
}

/// Hosts grant all or nothing, and take nothing away: who asks for fewer keeps what it has.
NvspServer::Reply NvspServer::sub_channels(base::Bytes payload) noexcept {
    const auto request = base::load_at<wire::NvspSubChannelRequest>(payload, 0);
    if (request.operation != kAllocateSubChannels) {
        violations_.record(Violation::kNvspBadSubChannelRequest, payload);
        return sub_channel_complete(NvspStatus::kFailure);
    }
    if (request.count >= spec_.queues ||
        !piece_shares(receive_.count(), std::size_t{request.count} + 1)) {
        return sub_channel_complete(NvspStatus::kFailure);
    }
    if (request.count > 0) {
        granted_ = std::max(granted_, request.count + 1);
        ++grants_;
    }
    return sub_channel_complete(NvspStatus::kSuccess, request.count);
}

NvspServer::Reply NvspServer::switch_data_path(base::Bytes payload) noexcept {
    path_request_ = base::load_at<wire::NvspSwitchDataPath>(payload, 0).active_path;
    return {};
}

/// The guest takes its memory back: nothing is touched from here on, and nothing is answered.
NvspServer::Reply NvspServer::revoke(base::Bytes /*payload*/, NvspType type) noexcept {
    (type == NvspType::kRevokeReceiveBuffer ? receive_.detach() : send_.detach());
    state_ = State::kRevoked;
    return no_reply();
}

void NvspServer::become_ready() noexcept {
    if (have_ndis_version_ && (have_config_ || version_ < NvspVersion::kV2) &&
        receive_.attached() && send_.attached()) {
        state_ = State::kReady;
    }
}

bool NvspServer::admit_rndis(base::Bytes payload) noexcept {
    if (state_ == State::kReady) {
        return true;
    }
    // A guest without a send buffer says so by starting to talk.
    if (state_ == State::kInit && have_ndis_version_ && receive_.attached() &&
        (have_config_ || version_ < NvspVersion::kV2)) {
        state_ = State::kReady;
        return true;
    }
    violations_.record(
        state_ == State::kRevoked ? Violation::kNvspAfterRevoke : Violation::kNvspWrongOrder,
        payload);
    return false;
}

}  // namespace vmbus::host
