#include "net/netvsc/control/mailbox.hpp"

#include <algorithm>
#include <cstring>

namespace vmbus::netvsc {

bool Mailbox::on_completion(std::uint64_t id, base::Bytes payload) noexcept {
    const auto kind = outstanding_.complete(id);
    if (!kind) {
        return false;
    }
    if (id != awaited_id_ || !waits_for(*kind)) {
        return true;  // late: its slot is free again, that is all
    }
    if (*kind == Kind::kNvsp) {
        leave(payload);
        return true;
    }
    // A success only says that the host has read the request; the reply comes by itself.
    const auto completion = codec::decode_nvsp<wire::NvspSendRndisPacketComplete>(
        payload, wire::NvspType::kSendRndisPacketComplete);
    if (!completion ||
        completion->status != static_cast<std::uint32_t>(wire::NvspStatus::kSuccess)) {
        // sync answer.refuse -> answer.take: nothing else to see.
        state_.store_release(kRefused);
    }
    return true;
}

bool Mailbox::on_reply(base::Bytes message, const codec::Completion& reply) noexcept {
    if (waits_for(Kind::kRndis) && reply.request_id == awaited_request_) {
        leave(message);
        return true;
    }
    const bool disregarded = reply.request_id == disregarded_;
    if (disregarded) {
        disregarded_.reset();
    }
    return disregarded;
}

void Mailbox::leave(base::Bytes answer) noexcept {
    size_ = std::min(answer.size(), buffer_.size());
    if (size_ != 0) {
        std::memcpy(buffer_.data(), answer.data(), size_);
    }
    // sync answer.leave -> answer.take: the bytes of the answer before the state.
    state_.store_release(kAnswered);
}

}  // namespace vmbus::netvsc
