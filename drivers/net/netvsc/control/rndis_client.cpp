#include "net/netvsc/control/rndis_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace vmbus::netvsc {
namespace {

/// What DPDK and FreeBSD say; hosts ignore it for what they receive.
constexpr std::uint32_t kMaxTransfer = 0x4000;
/// Requests are small; a key with its table is the largest.
using RequestBuffer = std::array<std::byte, wire::kMaxRndisControl>;

}  // namespace

base::Result<codec::Completion> RndisClient::exchange(base::Bytes message, std::uint32_t request_id,
                                                      wire::RndisType expected) noexcept {
    using Reply = base::Result<codec::Completion>;
    if (message.empty()) {
        return Reply::error(EMSGSIZE);
    }
    const auto answer = link_.call_rndis(message, request_id);
    if (!answer.ok()) {
        return Reply::error(answer.error());
    }
    codec::Completion reply;
    if (codec::decode_completion(answer.value(), reply) != codec::RndisError::kNone ||
        reply.type != expected) {
        return Reply::error(EPROTO);
    }
    return reply.status == wire::RndisStatus::kSuccess ? Reply(reply) : Reply::error(EIO);
}

int RndisClient::initialize() noexcept {
    const std::lock_guard guard(link_.mutex());
    RequestBuffer buffer;
    const std::uint32_t id = next_id();
    const std::size_t size = codec::encode_initialize(buffer, id, kMaxTransfer);
    const auto reply =
        exchange(base::Bytes(buffer).first(size), id, wire::RndisType::kInitializeComplete);
    if (!reply.ok()) {
        return -reply.error();
    }
    const auto& host = reply.value().initialize;
    limits_ = {.max_packets = host.max_packets_per_message,
               .max_bytes = host.max_transfer_size,
               .alignment = std::max(8U, 1U << host.packet_alignment_factor)};
    return 0;
}

base::Result<std::size_t> RndisClient::query(wire::Oid oid, base::MutableBytes out,
                                             base::Bytes input) noexcept {
    const std::lock_guard guard(link_.mutex());
    RequestBuffer buffer;
    const std::uint32_t id = next_id();
    const std::size_t size = codec::encode_query(buffer, id, oid, input);
    const auto reply =
        exchange(base::Bytes(buffer).first(size), id, wire::RndisType::kQueryComplete);
    if (!reply.ok()) {
        return base::Result<std::size_t>::error(reply.error());
    }
    const base::Bytes info = reply.value().info;
    const std::size_t copied = std::min(info.size(), out.size());
    if (copied != 0) {
        std::memcpy(out.data(), info.data(), copied);
    }
    return copied;
}

int RndisClient::set(wire::Oid oid, base::Bytes value) noexcept {
    const std::lock_guard guard(link_.mutex());
    RequestBuffer buffer;
    const std::uint32_t id = next_id();
    const std::size_t size = codec::encode_set(buffer, id, oid, value);
    const auto reply = exchange(base::Bytes(buffer).first(size), id, wire::RndisType::kSetComplete);
    return reply.ok() ? 0 : -reply.error();
}

void RndisClient::halt() noexcept {
    const std::lock_guard guard(link_.mutex());
    RequestBuffer buffer;
    const std::size_t size = codec::encode_halt(buffer, next_id());
    link_.send_rndis(base::Bytes(buffer).first(size));
}

void RndisClient::nudge() noexcept {
    const std::unique_lock guard(link_.mutex(), std::try_to_lock);
    if (guard.owns_lock()) {
        RequestBuffer buffer;
        const std::uint32_t id = next_id();
        const std::size_t size = codec::encode_query(buffer, id, wire::Oid::kMediaConnectStatus);
        link_.post_rndis(base::Bytes(buffer).first(size), id);
    }
}

}  // namespace vmbus::netvsc
