#include "net/netvsc/control/nvsp_client.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace vmbus::netvsc {
namespace {

constexpr std::uint32_t kNdisMajor = 6;
/// The one operation of a sub-channel request.
constexpr std::uint32_t kAllocate = 1;

constexpr std::uint32_t raw(wire::NvspType type) noexcept {
    return static_cast<std::uint32_t>(type);
}

constexpr bool succeeded(std::uint32_t status) noexcept {
    return status == static_cast<std::uint32_t>(wire::NvspStatus::kSuccess);
}

/// Teaming is what makes hosts tell of a new link speed (Linux hv_netvsc).
constexpr std::uint32_t capabilities(wire::NvspVersion version, bool takes_vf) noexcept {
    std::uint32_t all = wire::kNvspCapIeee8021q;
    if (version >= wire::NvspVersion::kV5) {
        all |= wire::kNvspCapTeaming | (takes_vf ? std::uint32_t{wire::kNvspCapSriov} : 0U);
    }
    if (version >= wire::NvspVersion::kV61) {
        all |= wire::kNvspCapRsc;
    }
    return all;
}

wire::NvspRevokeBuffer revoke(wire::NvspType type, std::uint16_t id) noexcept {
    return {.type = raw(type), .id = id, .reserved = 0};
}

}  // namespace

int NvspClient::negotiate() noexcept {
    for (const wire::NvspVersion version : wire::kNvspVersions) {
        const auto wanted = static_cast<std::uint32_t>(version);
        const auto answer =
            link_.call_nvsp(codec::encode_nvsp(wire::NvspInit{.type = raw(wire::NvspType::kInit),
                                                              .protocol_version = wanted,
                                                              .protocol_version2 = wanted}));
        if (!answer.ok()) {
            return -answer.error();
        }
        const auto reply = codec::decode_nvsp<wire::NvspInitComplete>(
            answer.value(), wire::NvspType::kInitComplete);
        if (!reply) {
            return -EPROTO;
        }
        if (succeeded(reply->status)) {
            version_ = version;
            return 0;
        }
    }
    return -EPROTONOSUPPORT;
}

int NvspClient::announce(std::uint32_t frame_bytes, bool takes_vf) noexcept {
    if (version_ >= wire::NvspVersion::kV2) {
        const int error = link_.send_nvsp(codec::encode_nvsp(
            wire::NvspSendNdisConfig{.type = raw(wire::NvspType::kSendNdisConfig),
                                     .mtu = frame_bytes,
                                     .reserved = 0,
                                     .capabilities_low = capabilities(version_, takes_vf),
                                     .capabilities_high = 0}));
        if (error != 0) {
            return error;
        }
    }
    return link_.send_nvsp(
        codec::encode_nvsp(wire::NvspSendNdisVersion{.type = raw(wire::NvspType::kSendNdisVersion),
                                                     .major = kNdisMajor,
                                                     .minor = codec::ndis_minor_for(version_)}));
}

base::Result<codec::ReceiveLayout> NvspClient::share_receive_buffer(std::uint32_t gpadl,
                                                                    std::size_t bytes) noexcept {
    using Layout = base::Result<codec::ReceiveLayout>;
    const auto answer = link_.call_nvsp(codec::encode_nvsp(
        wire::NvspSendReceiveBuffer{.type = raw(wire::NvspType::kSendReceiveBuffer),
                                    .gpadl = gpadl,
                                    .id = wire::kReceiveBufferId,
                                    .reserved = 0}));
    if (!answer.ok()) {
        return Layout::error(answer.error());
    }
    const auto reply = codec::decode_nvsp<wire::NvspSendReceiveBufferComplete>(
        answer.value(), wire::NvspType::kSendReceiveBufferComplete);
    receive_shared_ = reply && succeeded(reply->status);
    const auto layout = reply ? codec::check_receive_layout(*reply, bytes) : std::nullopt;
    return layout ? Layout(*layout) : Layout::error(EPROTO);
}

base::Result<NvspClient::SendLayout> NvspClient::share_send_buffer(std::uint32_t gpadl,
                                                                   std::size_t bytes) noexcept {
    using Layout = base::Result<SendLayout>;
    const auto answer = link_.call_nvsp(
        codec::encode_nvsp(wire::NvspSendSendBuffer{.type = raw(wire::NvspType::kSendSendBuffer),
                                                    .gpadl = gpadl,
                                                    .id = wire::kSendBufferId,
                                                    .reserved = 0}));
    if (!answer.ok()) {
        return Layout::error(answer.error());
    }
    const auto reply = codec::decode_nvsp<wire::NvspSendSendBufferComplete>(
        answer.value(), wire::NvspType::kSendSendBufferComplete);
    send_shared_ = reply && succeeded(reply->status);
    const auto sections = reply ? codec::check_send_sections(*reply, bytes) : std::nullopt;
    return sections ? Layout(SendLayout{reply->section_size, *sections}) : Layout::error(EPROTO);
}

base::Result<std::uint16_t> NvspClient::request_sub_channels(std::uint16_t count) noexcept {
    using Granted = base::Result<std::uint16_t>;
    const auto answer = link_.call_nvsp(codec::encode_nvsp(wire::NvspSubChannelRequest{
        .type = raw(wire::NvspType::kSubChannel), .operation = kAllocate, .count = count}));
    if (!answer.ok()) {
        return Granted::error(answer.error());
    }
    const auto reply = codec::decode_nvsp<wire::NvspSubChannelComplete>(
        answer.value(), wire::NvspType::kSubChannel);
    if (!reply) {
        return Granted::error(EPROTO);
    }
    // A host that grants more than it was asked for has its surplus ignored.
    return succeeded(reply->status)
               ? Granted(static_cast<std::uint16_t>(std::min<std::uint32_t>(reply->count, count)))
               : Granted(std::uint16_t{0});
}

int NvspClient::switch_data_path(std::uint32_t path) noexcept {
    if (version_ < wire::NvspVersion::kV4) {
        return -ENOTSUP;
    }
    const auto answer = link_.call_nvsp(codec::encode_nvsp(wire::NvspSwitchDataPath{
        .type = raw(wire::NvspType::kSwitchDataPath), .active_path = path}));
    return answer.ok() ? 0 : -answer.error();
}

void NvspClient::revoke_buffers() noexcept {
    if (std::exchange(receive_shared_, false)) {
        link_.send_nvsp(codec::encode_nvsp(
            revoke(wire::NvspType::kRevokeReceiveBuffer, wire::kReceiveBufferId)));
    }
    if (std::exchange(send_shared_, false)) {
        link_.send_nvsp(
            codec::encode_nvsp(revoke(wire::NvspType::kRevokeSendBuffer, wire::kSendBufferId)));
    }
}

}  // namespace vmbus::netvsc
