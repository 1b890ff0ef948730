#include "host/vf_server.hpp"

#include <utility>

#include "wire/nvsp.hpp"

namespace vmbus::host {
namespace {

constexpr std::uint32_t kSyntheticPath = 0;
constexpr std::uint32_t kVfPath = 1;

}  // namespace

bool VfServer::flush(bool told, Outbox& outbox) noexcept {
    if (!told) {
        return false;
    }
    const bool gone = advertised_ && (!vf_->present || vf_->serial != advertised_serial_);
    bool sent = false;
    if (gone && on_vf_) {
        if (!take_path_back(outbox)) {
            return false;
        }
        sent = true;
    }
    if (gone) {
        // The number that the guest knows, whatever it is now.
        if (!associate(false, advertised_serial_, outbox)) {
            return sent;
        }
        sent = true;
    }
    if (vf_->present && !advertised_) {
        sent |= associate(true, vf_->serial, outbox);
    }
    return sent;
}

void VfServer::switch_path(std::uint32_t path) noexcept {
    on_vf_ = path == kVfPath && advertised_ && vf_->present;
}

bool VfServer::completed(std::uint64_t transaction_id) noexcept {
    std::uint32_t* const open = transaction_id == kAssociationId ? &associations_
                                : transaction_id == kSwitchId    ? &switches_
                                                                 : nullptr;
    if (open == nullptr || *open == 0) {
        return false;
    }
    --*open;
    return true;
}

bool VfServer::associate(bool allocated, std::uint32_t serial, Outbox& outbox) noexcept {
    const wire::NvspSendVfAssociation message{
        .type = static_cast<std::uint32_t>(wire::NvspType::kSendVfAssociation),
        .allocated = allocated ? 1U : 0U,
        .serial_number = serial};
    std::array<std::byte, wire::kNvspHostMessageBytesV61> padded{};
    base::store_at(padded, 0, message);
    if (!outbox.send({.type = wire::PacketType::kInBand,
                      .completion_requested = true,
                      .transaction_id = kAssociationId,
                      .payload = base::Bytes(padded).first(outbox.message_bytes())})) {
        return false;
    }
    ++associations_;
    advertised_ = allocated;
    advertised_serial_ = serial;
    return true;
}

bool VfServer::take_path_back(Outbox& outbox) noexcept {
    const wire::NvspSwitchDataPath message{
        .type = static_cast<std::uint32_t>(wire::NvspType::kSwitchDataPath),
        .active_path = kSyntheticPath};
    if (!outbox.send({.type = wire::PacketType::kInBand,
                      .completion_requested = true,
                      .transaction_id = kSwitchId,
                      .payload = base::bytes_of(message)})) {
        return false;
    }
    ++switches_;
    on_vf_ = false;
    return true;
}

}  // namespace vmbus::host
