#include "host/rndis_server.hpp"

#include <algorithm>
#include <string_view>

#include "codec/rndis_codec.hpp"

namespace vmbus::host {
namespace {

using codec::RndisError;
using wire::Oid;
using wire::RndisStatus;
using wire::RndisType;

constexpr std::uint32_t kEthernetBytes = 14;
constexpr std::uint32_t kMaxTransferSize = 0xEFFFFFFF;
constexpr std::uint32_t kAlignmentFactor = 3;  // 8 bytes
constexpr std::uint32_t kConnectionless = 1;

/// Frames for the guest that a port had to drop since the guest took none.
std::uint64_t lost_for_want_of_room(const Port& port) noexcept {
    std::uint64_t frames = 0;
    for (const Port::Drop& drop : port.drops()) {
        frames += std::string_view(drop.reason).ends_with("_queue_full") ? drop.frames : 0;
    }
    return frames;
}

/// What an answer is, for scripts of misbehaviour.
Subject subject_of(base::Bytes answer) noexcept {
    switch (static_cast<RndisType>(base::load_at<std::uint32_t>(answer, 0))) {
        case RndisType::kInitializeComplete: return Subject::kInitialize;
        case RndisType::kQueryComplete: return Subject::kQuery;
        case RndisType::kSetComplete: return Subject::kSet;
        case RndisType::kKeepaliveComplete: return Subject::kKeepalive;
        case RndisType::kIndicateStatus: return Subject::kIndication;
        default: return Subject::kAny;
    }
}

}  // namespace

std::uint32_t RndisServer::mtu() const noexcept {
    return std::min(nvsp_.mtu(), nic_.spec.mtu + kEthernetBytes);
}

bool RndisServer::handle(base::Bytes message) noexcept {
    wire::RndisHeader header{};
    if (const auto error = codec::check_header(message, header); error != RndisError::kNone) {
        return refuse(violation_of(error), message);
    }
    ++nic_.counters.control_requests;
    offload_.offer_rsc(nic_.spec.rsc && nvsp_.takes_rsc());
    // A SET may cause an answer and an indication.
    if (kQueued - (tail_ - head_) < 2) {
        return false;
    }
    switch (static_cast<RndisType>(header.type)) {
        case RndisType::kInitialize: return initialise(message);
        case RndisType::kQuery: return query(message);
        case RndisType::kSet: return set(message);
        case RndisType::kKeepalive: return keepalive(message);
        case RndisType::kHalt: return halt(message);
        default: return refuse(Violation::kControlUnknownType, message);
    }
}

bool RndisServer::refuse(Violation violation, base::Bytes message) noexcept {
    nic_.violations.record(violation, message);
    return false;
}

bool RndisServer::initialise(base::Bytes message) noexcept {
    wire::RndisInitialize request{};
    if (const auto error = codec::decode_initialize(message, request); error != RndisError::kNone) {
        return refuse(violation_of(error), message);
    }
    if (initialised_) {
        return refuse(Violation::kControlRepeatedInitialize, message);
    }
    initialised_ = true;
    link_ = LinkReporter(nic_.link_up);
    nic_.counters.rndis_major = request.major;
    nic_.counters.rndis_minor = request.minor;
    push(codec::encode_initialize_complete(
        next().bytes, {.header = {},
                       .request_id = request.request_id,
                       .status = static_cast<std::uint32_t>(RndisStatus::kSuccess),
                       .major = 1,
                       .minor = 0,
                       .device_flags = kConnectionless,
                       .medium = 0,
                       .max_packets_per_message = kMaxPacketsPerMessage,
                       .max_transfer_size = kMaxTransferSize,
                       .packet_alignment_factor = kAlignmentFactor,
                       .af_list_offset = 0,
                       .af_list_size = 0}));
    return true;
}

bool RndisServer::query(base::Bytes message) noexcept {
    codec::OidRequest request;
    if (const auto error = codec::decode_oid_request(message, RndisType::kQuery, request);
        error != RndisError::kNone) {
        return refuse(violation_of(error), message);
    }
    NicCounters sum = nic_.counters;
    for (const Counters& channel : nic_.channels) {
        sum += channel;
    }
    const NicFacts facts{.spec = nic_.spec,
                         .mtu = mtu(),
                         .ndis_major = nvsp_.ndis_major(),
                         .ndis_minor = nvsp_.ndis_minor(),
                         .link_up = nic_.link_up,
                         .link_speed = nic_.link_speed,
                         .filter = filter_.value(),
                         .offload = offload_,
                         .counters = sum,
                         .no_buffer = lost_for_want_of_room(nic_.port)};
    std::array<std::byte, kMaxOidBytes> info;
    std::size_t length = 0;
    const RndisStatus status = query_oid(request.oid, facts, info, length);
    push(codec::encode_query_complete(next().bytes, request.request_id, status,
                                      base::Bytes(info).first(length)),
         request.oid);
    return true;
}

bool RndisServer::set(base::Bytes message) noexcept {
    codec::OidRequest request;
    if (const auto error = codec::decode_oid_request(message, RndisType::kSet, request);
        error != RndisError::kNone) {
        return refuse(violation_of(error), message);
    }
    const RndisStatus status = apply(request.oid, request.info);
    if (status == RndisStatus::kFailure) {
        nic_.violations.record(Violation::kOidShortBuffer, message);
    } else if (status == RndisStatus::kInvalidData) {
        nic_.violations.record(Violation::kOidBadValue, message);
    }
    push(codec::encode_status_complete(next().bytes, RndisType::kSetComplete, request.request_id,
                                       status),
         request.oid);
    if (status == RndisStatus::kSuccess && request.oid == Oid::kOffloadParameters) {
        indicate_offload();
    }
    return true;
}

RndisStatus RndisServer::apply(Oid oid, base::Bytes info) noexcept {
    switch (oid) {
        case Oid::kCurrentPacketFilter: return set_filter(info);
        case Oid::kOffloadParameters: return offload_.set_parameters(info);
        case Oid::kOffloadEncapsulation: return OffloadConfig::set_encapsulation(info);
        case Oid::kRndisConfigParameter: return offload_.set_config_parameter(info);
        case Oid::kReceiveScaleParameters: return set_rss(info);
        case Oid::kNetworkLayerAddresses: return RndisStatus::kSuccess;
        default: return RndisStatus::kNotSupported;
    }
}

RndisStatus RndisServer::set_rss(base::Bytes info) noexcept {
    const bool was_enabled = rss_.enabled;
    const RndisStatus status = rss_.set(info, nic_.spec.queues);
    // Nothing restarts when what was off is turned off.
    rss_changes_ += status == RndisStatus::kSuccess && (was_enabled || rss_.enabled) ? 1 : 0;
    return status;
}

RndisStatus RndisServer::set_filter(base::Bytes info) noexcept {
    const auto filter = base::try_load<std::uint32_t>(info);
    if (!filter) {
        return RndisStatus::kFailure;
    }
    filter_.set(*filter);
    nic_.port.set_filter(*filter);
    return RndisStatus::kSuccess;
}

bool RndisServer::keepalive(base::Bytes message) noexcept {
    std::uint32_t request_id = 0;
    if (const auto error = codec::decode_request_id(message, RndisType::kKeepalive, request_id);
        error != RndisError::kNone) {
        return refuse(violation_of(error), message);
    }
    push(codec::encode_status_complete(next().bytes, RndisType::kKeepaliveComplete, request_id,
                                       RndisStatus::kSuccess));
    return true;
}

/// Has no answer. The guest is going: nothing is delivered any more.
bool RndisServer::halt(base::Bytes message) noexcept {
    std::uint32_t request_id = 0;
    if (const auto error = codec::decode_request_id(message, RndisType::kHalt, request_id);
        error != RndisError::kNone) {
        return refuse(violation_of(error), message);
    }
    halted_ = true;
    if (filter_.value() != 0) {
        nic_.port.set_filter(0);
    }
    return true;
}

void RndisServer::indicate_link(bool up) noexcept {
    if (initialised_ && !halted_) {
        link_.notify(up);
    }
}

void RndisServer::report_link() noexcept {
    if (!link_.waits() || halted_) {
        return;
    }
    if (const auto up = link_.due(nic_.clock())) {
        indicate(*up ? RndisStatus::kMediaConnect : RndisStatus::kMediaDisconnect, {});
    }
}

/// In units of 100 bit/s, as OID LINK_SPEED.
void RndisServer::indicate_speed() noexcept {
    if (initialised_ && !halted_ && nvsp_.hears_of_speed()) {
        const auto speed = static_cast<std::uint32_t>(nic_.link_speed / 100);
        indicate(RndisStatus::kLinkSpeedChange, base::bytes_of(speed));
    }
}

void RndisServer::indicate_offload() noexcept {
    if (initialised_ && !halted_) {
        indicate(RndisStatus::kOffloadCurrentConfig, base::bytes_of(offload_.current()));
    }
}

void RndisServer::indicate_raw(base::Bytes message) noexcept {
    if (initialised_ && !halted_ && !full()) {
        std::copy(message.begin(), message.end(), next().bytes.begin());
        push(message.size());
    }
}

void RndisServer::indicate(RndisStatus status, base::Bytes info) noexcept {
    if (full()) {
        nic_.counters.drop(Drop::kControlQueueFull);
        return;
    }
    push(codec::encode_indicate_status(next().bytes, status, info));
}

void RndisServer::push(std::size_t size, Oid oid) noexcept {
    if (faults_.active() && spoil(size, oid)) {
        return;
    }
    next().size = size;
    ++tail_;
}

/// Does to the answer what the script wants. True when it is lost.
bool RndisServer::spoil(std::size_t& size, Oid oid) noexcept {
    constexpr std::size_t kRequestId = 8;
    base::MutableBytes bytes(next().bytes);
    const Subject subject = subject_of(bytes);
    const auto due = [&](Fault fault) {
        return faults_.due(fault, subject, static_cast<std::uint32_t>(oid));
    };
    if (const auto details = due(Fault::kWrongReplyId)) {
        base::store_at(bytes, kRequestId, details->value);
    }
    if (const auto details = due(Fault::kBadReply)) {
        const std::size_t last = bytes.size() - sizeof details->value;
        base::store_at(bytes, std::min<std::size_t>(details->offset, last), details->value);
    }
    if (const auto details = due(Fault::kShortReply)) {
        size = std::min<std::size_t>(size, details->value);
    }
    if (const auto details = due(Fault::kLateReply)) {
        late_turns_ = details->value;
    }
    if (due(Fault::kDuplicateReply) && kQueued - (tail_ - head_) > 2) {
        const Answer copy = next();
        next().size = size;
        ++tail_;
        next() = copy;
    }
    return due(Fault::kLostReply).has_value();
}

bool RndisServer::flush(ReceiveBuffer& receive, Outbox& outbox) noexcept {
    report_link();
    bool sent = false;
    if (late_turns_ > 0) {
        --late_turns_;
        return true;
    }
    while (head_ != tail_ && receive.attached() && receive.free_control() > 0 &&
           send(answers_[head_ % kQueued], receive, outbox)) {
        ++head_;
        ++nic_.counters.control_replies;
        sent = true;
    }
    return sent;
}

bool RndisServer::send(const Answer& answer, ReceiveBuffer& receive, Outbox& outbox) noexcept {
    struct {
        wire::TransferPagesHeader header;
        wire::TransferPageRange range;
    } ranges{};
    const std::uint32_t piece = receive.lend_control();
    ranges.header = {.pageset_id = receive.pageset_id(), .reserved = 0, .range_count = 1};
    ranges.range = {.byte_count = static_cast<std::uint32_t>(answer.size),
                    .byte_offset = receive.offset_of(piece)};
    std::array<std::byte, wire::kNvspHostMessageBytesV61> payload{};
    base::store_at(payload, 0,
                   wire::NvspSendRndisPacket{
                       .type = static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacket),
                       .channel_type = wire::kNvspChannelControl,
                       .send_section_index = wire::kNoSendSection,
                       .send_section_length = 0});
    std::copy_n(answer.bytes.begin(), answer.size, receive.piece(piece).begin());
    if (!outbox.send({.type = wire::PacketType::kTransferPages,
                      .completion_requested = true,
                      .transaction_id = piece,
                      .header = base::bytes_of(ranges),
                      .payload = base::Bytes(payload).first(outbox.message_bytes())})) {
        receive.give_back(piece);
        return false;
    }
    return true;
}

}  // namespace vmbus::host
