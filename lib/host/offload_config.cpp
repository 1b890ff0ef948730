#include "host/offload_config.hpp"

#include <optional>
#include <string_view>

#include "host/segmentation.hpp"

namespace vmbus::host {
namespace {

using wire::RndisStatus;

/// What goes with each protocol's bit: options and extension headers come for free in software.
constexpr std::uint32_t kIpv4Flags = wire::kNdisIpHeader | wire::kNdisIpOptions;
constexpr std::uint32_t kTcpFlags = wire::kNdisTcp | wire::kNdisTcpOptions | wire::kNdisIpOptions;
constexpr std::uint32_t kUdpFlags = wire::kNdisUdp | wire::kNdisIpOptions;

constexpr std::uint32_t flags_if(bool on, std::uint32_t flags) noexcept {
    return on ? flags : 0;
}

constexpr std::uint32_t encapsulation_of(std::uint32_t flags) noexcept {
    return flags != 0 ? wire::kNdisEncapsulation8023 : 0;
}

/// RNDIS_CONFIG_PARAMETER, followed by name and value in UTF-16.
struct ConfigParameter {
    std::uint32_t name_offset;
    std::uint32_t name_length;
    std::uint32_t type;
    std::uint32_t value_offset;
    std::uint32_t value_length;
};
constexpr std::uint32_t kStringParameter = 2;
constexpr std::uint32_t kMaxParameterBytes = 255;

/// Whether UTF-16 text is this ASCII text.
bool same_text(base::Bytes utf16, std::string_view ascii) noexcept {
    if (utf16.size() != ascii.size() * 2) {
        return false;
    }
    for (std::size_t i = 0; i < ascii.size(); ++i) {
        if (base::load_at<std::uint16_t>(utf16, i * 2) != static_cast<unsigned char>(ascii[i])) {
            return false;
        }
    }
    return true;
}

constexpr std::string_view kChecksumNames[] = {"*IPChecksumOffloadIPv4", "*TCPChecksumOffloadIPv4",
                                               "*UDPChecksumOffloadIPv4", "*TCPChecksumOffloadIPv6",
                                               "*UDPChecksumOffloadIPv6"};
constexpr std::string_view kLsoNames[] = {"*LsoV2IPv4", "*LsoV2IPv6"};
constexpr std::string_view kRscNames[] = {"*RscIPv4", "*RscIPv6"};

std::optional<std::size_t> index_of(base::Bytes name,
                                    std::span<const std::string_view> names) noexcept {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (same_text(name, names[i])) {
            return i;
        }
    }
    return std::nullopt;
}

void switch_if_asked(std::uint8_t setting, bool& on) noexcept {
    if (setting == wire::kNdisLsoOff || setting == wire::kNdisLsoOn) {
        on = setting == wire::kNdisLsoOn;
    }
}

}  // namespace

wire::NdisOffload OffloadConfig::capabilities() const noexcept {
    return object({}, {true, true}, {true, true});
}

wire::NdisOffload OffloadConfig::current() const noexcept {
    return object(on_, lso_on_, rsc_on_);
}

wire::NdisOffload OffloadConfig::object(const std::array<Switch, kProtocols>& on, const PerIp& lso,
                                        const PerIp& rsc) const noexcept {
    wire::NdisOffload offload{};
    offload.header = {wire::kNdisObjectOffload, 3, sizeof offload};
    auto& checksum = offload.checksum;
    const auto flags = [&on](bool Switch::*way, Protocol ip, Protocol tcp, Protocol udp) {
        return flags_if(ip != kProtocols && on[ip].*way, kIpv4Flags) |
               flags_if(on[tcp].*way, kTcpFlags) | flags_if(on[udp].*way, kUdpFlags);
    };
    checksum.ipv4_tx_flags = flags(&Switch::tx, kIpv4, kTcpIpv4, kUdpIpv4);
    checksum.ipv4_rx_flags = flags(&Switch::rx, kIpv4, kTcpIpv4, kUdpIpv4);
    checksum.ipv6_tx_flags = flags(&Switch::tx, kProtocols, kTcpIpv6, kUdpIpv6);
    checksum.ipv6_rx_flags = flags(&Switch::rx, kProtocols, kTcpIpv6, kUdpIpv6);
    checksum.ipv4_tx_encapsulation = encapsulation_of(checksum.ipv4_tx_flags);
    checksum.ipv4_rx_encapsulation = encapsulation_of(checksum.ipv4_rx_flags);
    checksum.ipv6_tx_encapsulation = encapsulation_of(checksum.ipv6_tx_flags);
    checksum.ipv6_rx_encapsulation = encapsulation_of(checksum.ipv6_rx_flags);
    if (can_lso_ && lso[0]) {
        offload.lso_v2.ipv4_encapsulation = wire::kNdisEncapsulation8023;
        offload.lso_v2.ipv4_max_size = kLsoMaxBytes;
        offload.lso_v2.ipv4_min_segments = kLsoMinSegments;
    }
    if (can_lso_ && lso[1]) {
        offload.lso_v2.ipv6_encapsulation = wire::kNdisEncapsulation8023;
        offload.lso_v2.ipv6_max_size = kLsoMaxBytes;
        offload.lso_v2.ipv6_min_segments = kLsoMinSegments;
        offload.lso_v2.ipv6_flags = wire::kNdisIpOptions | wire::kNdisTcpOptions;
    }
    offload.rsc[0] = can_rsc_ && rsc[0] ? 1 : 0;
    offload.rsc[1] = can_rsc_ && rsc[1] ? 1 : 0;
    return offload;
}

RndisStatus OffloadConfig::set_parameters(base::Bytes info) noexcept {
    const auto wanted = base::try_load<wire::NdisOffloadParameters>(info);
    if (!wanted) {
        return RndisStatus::kFailure;
    }
    if (wanted->header.type != wire::kNdisObjectDefault || wanted->header.revision < 1 ||
        wanted->header.size < sizeof *wanted || wanted->header.size > info.size()) {
        return RndisStatus::kInvalidData;
    }
    if (wanted->lso_v1 == wire::kNdisLsoOn) {
        return RndisStatus::kNotSupported;
    }
    apply(kIpv4, wanted->ipv4_checksum);
    apply(kTcpIpv4, wanted->tcp_ipv4_checksum);
    apply(kUdpIpv4, wanted->udp_ipv4_checksum);
    apply(kTcpIpv6, wanted->tcp_ipv6_checksum);
    apply(kUdpIpv6, wanted->udp_ipv6_checksum);
    switch_if_asked(wanted->lso_v2_ipv4, lso_on_[0]);
    switch_if_asked(wanted->lso_v2_ipv6, lso_on_[1]);
    // Objects of revision 2 and later are longer.
    if (const auto rsc = base::try_load<std::array<std::uint8_t, 2>>(
            info.first(wanted->header.size), wire::kNdisOffloadParametersRscAt)) {
        switch_if_asked((*rsc)[0], rsc_on_[0]);
        switch_if_asked((*rsc)[1], rsc_on_[1]);
    }
    return RndisStatus::kSuccess;
}

void OffloadConfig::apply(Protocol protocol, std::uint8_t setting) noexcept {
    switch (static_cast<wire::NdisOffloadSetting>(setting)) {
        case wire::NdisOffloadSetting::kDisabled: on_[protocol] = {false, false}; break;
        case wire::NdisOffloadSetting::kTxOnly: on_[protocol] = {true, false}; break;
        case wire::NdisOffloadSetting::kRxOnly: on_[protocol] = {false, true}; break;
        case wire::NdisOffloadSetting::kBoth: on_[protocol] = {true, true}; break;
        default: break;  // no change
    }
}

RndisStatus OffloadConfig::set_encapsulation(base::Bytes info) noexcept {
    constexpr std::uint32_t kEthernetBytes = 14;
    const auto wanted = base::try_load<wire::NdisEncapsulation>(info);
    if (!wanted) {
        return RndisStatus::kFailure;
    }
    if (wanted->header.type != wire::kNdisObjectEncapsulation || wanted->header.revision < 1 ||
        wanted->header.size < sizeof *wanted || wanted->header.size > info.size()) {
        return RndisStatus::kInvalidData;
    }
    const auto possible = [](std::uint32_t enabled, std::uint32_t type, std::uint32_t header) {
        return enabled != 1 || (type == wire::kNdisEncapsulation8023 && header == kEthernetBytes);
    };
    return possible(wanted->ipv4_enabled, wanted->ipv4_type, wanted->ipv4_header_size) &&
                   possible(wanted->ipv6_enabled, wanted->ipv6_type, wanted->ipv6_header_size)
               ? RndisStatus::kSuccess
               : RndisStatus::kNotSupported;
}

RndisStatus OffloadConfig::set_config_parameter(base::Bytes info) noexcept {
    const auto parameter = base::try_load<ConfigParameter>(info);
    if (!parameter) {
        return RndisStatus::kFailure;
    }
    const auto name = base::try_slice(info, parameter->name_offset, parameter->name_length);
    const auto value = base::try_slice(info, parameter->value_offset, parameter->value_length);
    if (!name || !value || name->size() > kMaxParameterBytes ||
        value->size() > kMaxParameterBytes) {
        return RndisStatus::kInvalidData;
    }
    if (parameter->type != kStringParameter) {
        return RndisStatus::kSuccess;
    }
    const bool known =
        index_of(*name, kChecksumNames) || index_of(*name, kLsoNames) || index_of(*name, kRscNames);
    if (!known) {
        return RndisStatus::kSuccess;
    }
    const auto digit = base::try_load<std::uint16_t>(*value);
    if (!digit || *digit < '0' || *digit > '9') {
        return RndisStatus::kInvalidData;
    }
    set_named(*name, *digit - unsigned{'0'});
    return RndisStatus::kSuccess;
}

/// Checksums: bit 0 is transmit, bit 1 is receive. The others go one way.
void OffloadConfig::set_named(base::Bytes name, unsigned value) noexcept {
    const bool low = (value & 1U) != 0;
    if (const auto checksum = index_of(name, kChecksumNames)) {
        on_[*checksum] = {low, (value & 2U) != 0};
    } else if (const auto lso = index_of(name, kLsoNames)) {
        lso_on_[*lso] = low;
    } else if (const auto rsc = index_of(name, kRscNames)) {
        rsc_on_[*rsc] = low;
    }
}

}  // namespace vmbus::host
