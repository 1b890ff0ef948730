#include "host/oid_table.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "host/oid_statistics.hpp"

namespace vmbus::host {
namespace {

using wire::Oid;
using wire::RndisStatus;

constexpr std::uint32_t kEthernetBytes = 14;
constexpr std::uint32_t kBufferSpace = 256 * 1024;
constexpr std::uint32_t kVendorId = 0x0000155D;
constexpr std::uint16_t kDriverVersion = 0x0100;
constexpr std::string_view kVendor = "Microsoft Corporation";
constexpr std::string_view kFriendlyName = "Network Device";
/// Copy lookahead, transfers do not pend, no loopback, 802.1p, 802.1Q.
constexpr std::uint32_t kMacOptions = 0x24D;
/// TCP over IPv4 and IPv6, Toeplitz (the bits of the capabilities, not of the hash information).
constexpr std::uint32_t kRssCapabilities = 0x301;
constexpr std::uint16_t kRssTableEntries = 128;

// Named in the supported list alone: a QUERY of these is refused, as it is by the host we mirror.
constexpr Oid kProtocolOptions{0x00010112};
constexpr Oid kLinkParameters{0x00010208};

/// As the host that this mirrors has it; statistics are added. NDIS 5: the first 32. NDIS 6 has the
/// next 9 as well, from 6.30 on all.
constexpr Oid kSupported[] = {
    Oid::kSupportedList, Oid::kHardwareStatus, Oid::kMediaSupported, Oid::kMediaInUse,
    Oid::kMaximumLookahead, Oid::kMaximumFrameSize, Oid::kLinkSpeed, Oid::kTransmitBufferSpace,
    Oid::kReceiveBufferSpace, Oid::kTransmitBlockSize, Oid::kReceiveBlockSize, Oid::kVendorId,
    Oid::kVendorDescription, Oid::kVendorDriverVersion, Oid::kCurrentPacketFilter,
    Oid::kCurrentLookahead, Oid::kDriverVersion, Oid::kMaximumTotalSize, kProtocolOptions,
    Oid::kMacOptions, Oid::kMediaConnectStatus, Oid::kMaximumSendPackets,
    Oid::kNetworkLayerAddresses, Oid::kFriendlyName, Oid::kRndisConfigParameter,
    Oid::kPermanentAddress, Oid::kCurrentAddress, Oid::kMulticastList, Oid::kMaximumListSize,
    Oid::kReceiveErrorAlignment, Oid::kTransmitOneCollision, Oid::kTransmitMoreCollisions,
    // NDIS 6.
    kLinkParameters, Oid::kLinkState, Oid::kMaxLinkSpeed, Oid::kBytesReceived,
    Oid::kBytesTransmitted, Oid::kOffloadParameters, Oid::kOffloadCurrentConfig,
    Oid::kOffloadHardwareCapabilities, Oid::kOffloadEncapsulation,
    // NDIS 6.30.
    Oid::kReceiveScaleCapabilities, Oid::kReceiveScaleParameters};
constexpr std::size_t kSupportedNdis5 = 32;
constexpr std::size_t kSupportedNdis6 = 41;
static_assert(std::size(kSupported) == 43);

template <class T>
std::size_t put(base::MutableBytes out, const T& value) noexcept {
    base::store_at(out, 0, value);
    return sizeof value;
}
std::size_t put_u32(base::MutableBytes out, std::uint64_t value) noexcept {
    return put(out, static_cast<std::uint32_t>(value));
}

std::size_t put_text(base::MutableBytes out, std::string_view text) noexcept {
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return bytes.size();
}

std::size_t put_friendly_name(base::MutableBytes out) noexcept {
    std::fill_n(out.begin(), kMaxOidBytes, std::byte{0});
    for (std::size_t i = 0; i < kFriendlyName.size(); ++i) {
        out[i * 2] = static_cast<std::byte>(kFriendlyName[i]);
    }
    return kMaxOidBytes;
}

std::size_t put_link_state(const NicFacts& facts, base::MutableBytes out) noexcept {
    return put(out, wire::NdisLinkState{
                        .header = {wire::kNdisObjectDefault, 1, sizeof(wire::NdisLinkState)},
                        .connect_state = facts.link_up ? 1U : 2U,
                        .duplex_state = 0,
                        .padding = 0,
                        .xmit_link_speed = facts.link_speed,
                        .receive_link_speed = facts.link_speed,
                        .pause_functions = 0,
                        .auto_negotiation = 0});
}

std::size_t put_encapsulation(base::MutableBytes out) noexcept {
    return put(out, wire::NdisEncapsulation{.header = {wire::kNdisObjectEncapsulation, 1,
                                                       sizeof(wire::NdisEncapsulation)},
                                            .ipv4_enabled = 1,
                                            .ipv4_type = wire::kNdisEncapsulation8023,
                                            .ipv4_header_size = kEthernetBytes,
                                            .ipv6_enabled = 1,
                                            .ipv6_type = wire::kNdisEncapsulation8023,
                                            .ipv6_header_size = kEthernetBytes});
}

std::size_t put_moderation(base::MutableBytes out) noexcept {
    return put(out, wire::NdisInterruptModeration{.header = {wire::kNdisObjectDefault, 1,
                                                             sizeof(wire::NdisInterruptModeration)},
                                                  .flags = 0,
                                                  .moderation = 1});
}

std::size_t put_rss_capabilities(const NicFacts& facts, base::MutableBytes out) noexcept {
    put(out, wire::NdisRssCapabilities{
                 .header = {wire::kNdisObjectRssCapabilities, 2,
                            static_cast<std::uint16_t>(wire::kNdisRssCapabilitiesBytes)},
                 .capabilities = kRssCapabilities,
                 .interrupt_messages = 1,
                 .receive_queues = facts.spec.queues,
                 .table_entries = kRssTableEntries,
                 .padding = 0});
    return wire::kNdisRssCapabilitiesBytes;
}

std::size_t put_supported_list(const NicFacts& facts, base::MutableBytes out) noexcept {
    const std::size_t count = facts.ndis_major == 5    ? kSupportedNdis5
                              : facts.ndis_minor >= 30 ? std::size(kSupported)
                                                       : kSupportedNdis6;
    std::size_t length = 0;
    const auto add = [&](Oid oid) {
        base::store_at(out, length, static_cast<std::uint32_t>(oid));
        length += sizeof(std::uint32_t);
    };
    const std::span<const Oid> mirrored(kSupported, count);
    std::for_each(mirrored.begin(), mirrored.end(), add);
    for (const Oid oid : statistics_oids()) {
        if (std::find(mirrored.begin(), mirrored.end(), oid) == mirrored.end()) {
            add(oid);
        }
    }
    add(Oid::kPhysicalMedium);
    add(Oid::kInterruptModeration);
    return length;
}

/// 0: nothing is known of that one.
std::size_t put_answer(Oid oid, const NicFacts& facts, base::MutableBytes out) noexcept {
    switch (oid) {
        case Oid::kSupportedList: return put_supported_list(facts, out);
        case Oid::kHardwareStatus:
        case Oid::kMediaSupported:
        case Oid::kMediaInUse:
        case Oid::kMaximumListSize:
        case Oid::kReceiveErrorAlignment:
        case Oid::kTransmitOneCollision:
        case Oid::kTransmitMoreCollisions: return put_u32(out, 0);
        case Oid::kMaximumLookahead:
        case Oid::kCurrentLookahead:
        case Oid::kMaximumFrameSize: return put_u32(out, facts.mtu - kEthernetBytes);
        case Oid::kMaximumTotalSize:
        case Oid::kTransmitBlockSize:
        case Oid::kReceiveBlockSize: return put_u32(out, facts.mtu);
        case Oid::kLinkSpeed: return put_u32(out, facts.link_speed / 100);
        case Oid::kTransmitBufferSpace:
        case Oid::kReceiveBufferSpace: return put_u32(out, kBufferSpace);
        case Oid::kVendorId: return put_u32(out, kVendorId);
        case Oid::kVendorDescription: return put_text(out, kVendor);
        case Oid::kVendorDriverVersion:
        case Oid::kDriverVersion: return put(out, kDriverVersion);
        case Oid::kCurrentPacketFilter: return put_u32(out, facts.filter);
        case Oid::kMacOptions: return put_u32(out, kMacOptions);
        case Oid::kMediaConnectStatus: return put_u32(out, facts.link_up ? 0U : 1U);
        case Oid::kMaximumSendPackets: return put_u32(out, UINT32_MAX);
        case Oid::kFriendlyName: return put_friendly_name(out);
        case Oid::kPermanentAddress:
        case Oid::kCurrentAddress: return put(out, facts.spec.mac);
        case Oid::kLinkState: return put_link_state(facts, out);
        case Oid::kMaxLinkSpeed: return put(out, std::array{facts.link_speed, facts.link_speed});
        case Oid::kOffloadHardwareCapabilities: return put(out, facts.offload.capabilities());
        case Oid::kOffloadCurrentConfig: return put(out, facts.offload.current());
        case Oid::kOffloadEncapsulation: return put_encapsulation(out);
        case Oid::kReceiveScaleCapabilities: return put_rss_capabilities(facts, out);
        case Oid::kPhysicalMedium: return put_u32(out, 0);  // unspecified: there is none
        case Oid::kInterruptModeration: return put_moderation(out);
        default: return put_statistic(oid, facts.counters, facts.no_buffer, out);
    }
}

}  // namespace

RndisStatus query_oid(Oid oid, const NicFacts& facts, base::MutableBytes out,
                      std::size_t& length) noexcept {
    length = 0;
    if (oid == Oid::kSupportedList && facts.ndis_major != 5 && facts.ndis_major != 6) {
        return RndisStatus::kBadVersion;
    }
    length = put_answer(oid, facts, out);
    return length != 0 ? RndisStatus::kSuccess : RndisStatus::kNotSupported;
}

}  // namespace vmbus::host
