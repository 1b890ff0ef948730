#include "net/netvsc/control/offloads.hpp"

#include <array>
#include <cerrno>
#include <cstring>

namespace vmbus::netvsc::offloads {
namespace {

// NDIS_OFFLOAD by revision. The first has all that is read here but coalescing.
constexpr std::size_t kBytesRevision1 = 112;
constexpr std::size_t kBytesRevision2 = 144;
constexpr std::size_t kBytesRevision3 = sizeof(wire::NdisOffload);
/// NDIS_OFFLOAD_PARAMETERS; revision 2 ends behind the two bytes of IPsec.
constexpr std::size_t kParameterBytesRevision2 = 22;
constexpr std::size_t kParameterBytesRevision3 = sizeof(Parameters);
static_assert(kParameterBytesRevision3 == 28);

/// Hosts of NVSP 5 and later speak NDIS 6.30, which has the third revisions (Linux hv_netvsc).
constexpr bool newer(wire::NvspVersion version) noexcept {
    return version >= wire::NvspVersion::kV5;
}

constexpr bool supports(std::uint32_t flags, std::uint32_t wanted) noexcept {
    return (flags & wanted) == wanted;
}

constexpr std::uint8_t bit_if(bool condition, Checksum bit) noexcept {
    return condition ? std::uint8_t{bit} : std::uint8_t{0};
}

/// With options and extension headers: ethdev has no way to say "only without".
std::uint8_t transmit_of(const wire::NdisChecksumOffload& host, bool udp) noexcept {
    const std::uint32_t v4 = host.ipv4_tx_flags;
    const std::uint32_t v6 = host.ipv6_tx_flags;
    constexpr std::uint32_t kTcp = wire::kNdisTcp | wire::kNdisTcpOptions;
    return static_cast<std::uint8_t>(
        bit_if(supports(v4, wire::kNdisIpHeader | wire::kNdisIpOptions), kChecksumIpv4) |
        bit_if(supports(v4, kTcp), kChecksumTcp4) |
        bit_if(supports(v6, kTcp | wire::kNdisIpOptions), kChecksumTcp6) |
        bit_if(udp && supports(v4, wire::kNdisUdp), kChecksumUdp4) |
        bit_if(udp && supports(v6, wire::kNdisUdp), kChecksumUdp6));
}

/// Options matter less here: a host that did not verify a frame says nothing of it.
std::uint8_t receive_of(const wire::NdisChecksumOffload& host) noexcept {
    const std::uint32_t v4 = host.ipv4_rx_flags;
    const std::uint32_t v6 = host.ipv6_rx_flags;
    return static_cast<std::uint8_t>(bit_if(supports(v4, wire::kNdisIpHeader), kChecksumIpv4) |
                                     bit_if(supports(v4, wire::kNdisTcp), kChecksumTcp4) |
                                     bit_if(supports(v6, wire::kNdisTcp), kChecksumTcp6) |
                                     bit_if(supports(v4, wire::kNdisUdp), kChecksumUdp4) |
                                     bit_if(supports(v6, wire::kNdisUdp), kChecksumUdp6));
}

LsoLimits limits_if(bool offered, std::uint32_t max_bytes, std::uint32_t min_segments) noexcept {
    return offered && max_bytes != 0 ? LsoLimits{max_bytes, min_segments} : LsoLimits{};
}

/// The host fills in the sums of what it segments, so it must be able to.
void read_segmentation(const wire::NdisLsoV2& lso, HostOffloads& host) noexcept {
    constexpr std::uint32_t kOptions = wire::kNdisIpOptions | wire::kNdisTcpOptions;
    host.lso_ipv4 = limits_if(supports(lso.ipv4_encapsulation, wire::kNdisEncapsulation8023),
                              lso.ipv4_max_size, lso.ipv4_min_segments);
    host.lso_ipv6 = limits_if(supports(lso.ipv6_encapsulation, wire::kNdisEncapsulation8023) &&
                                  supports(lso.ipv6_flags, kOptions),
                              lso.ipv6_max_size, lso.ipv6_min_segments);
}

std::uint8_t setting(const ChecksumOffloads& wanted, Checksum bit) noexcept {
    using Setting = wire::NdisOffloadSetting;
    const bool tx = (wanted.tx & bit) != 0;
    const bool rx = (wanted.rx & bit) != 0;
    return static_cast<std::uint8_t>(tx && rx ? Setting::kBoth
                                     : tx     ? Setting::kTxOnly
                                     : rx     ? Setting::kRxOnly
                                              : Setting::kDisabled);
}

}  // namespace

HostOffloads offloads_of(base::Bytes answer, wire::NvspVersion version) noexcept {
    const auto header = base::try_load<wire::NdisObjectHeader>(answer);
    if (!header || header->type != wire::kNdisObjectOffload || header->revision < 1 ||
        header->size > answer.size()) {
        return {};
    }
    if (header->size != kBytesRevision1 && header->size != kBytesRevision2 &&
        header->size != kBytesRevision3) {
        return {};
    }
    wire::NdisOffload said{};
    std::memcpy(&said, answer.data(), header->size);
    HostOffloads host;
    host.checksums = {.tx = transmit_of(said.checksum, newer(version)),
                      .rx = receive_of(said.checksum)};
    read_segmentation(said.lso_v2, host);
    // Both or none, as in Linux: one word of ethdev switches them.
    host.coalesces = version >= wire::NvspVersion::kV61 && said.rsc[0] != 0 && said.rsc[1] != 0;
    return host;
}

base::Result<HostOffloads> query(RndisClient& rndis, wire::NvspVersion version) noexcept {
    using Answer = base::Result<HostOffloads>;
    // The object that is asked for is announced by one of its kind, otherwise empty.
    wire::NdisOffload question{};
    const std::size_t size = newer(version) ? kBytesRevision3 : kBytesRevision2;
    question.header = {.type = wire::kNdisObjectOffload,
                       .revision = newer(version) ? std::uint8_t{3} : std::uint8_t{2},
                       .size = static_cast<std::uint16_t>(size)};
    std::array<std::byte, 2 * kBytesRevision3> answer{};
    const auto got = rndis.query(wire::Oid::kOffloadHardwareCapabilities, answer,
                                 base::bytes_of(question).first(size));
    if (!got.ok()) {
        return got.error() == EIO ? Answer(HostOffloads{}) : Answer::error(got.error());
    }
    return offloads_of(base::Bytes(answer).first(got.value()), version);
}

Parameters parameters_for(const UsedOffloads& wanted, wire::NvspVersion version) noexcept {
    const auto switched = [](bool on) { return on ? wire::kNdisLsoOn : wire::kNdisLsoOff; };
    Parameters parameters{};
    wire::NdisOffloadParameters& common = parameters.common;
    common.header = {.type = wire::kNdisObjectDefault,
                     .revision = newer(version) ? std::uint8_t{3} : std::uint8_t{2},
                     .size = static_cast<std::uint16_t>(newer(version) ? kParameterBytesRevision3
                                                                       : kParameterBytesRevision2)};
    common.ipv4_checksum = setting(wanted.checksums, kChecksumIpv4);
    common.tcp_ipv4_checksum = setting(wanted.checksums, kChecksumTcp4);
    common.tcp_ipv6_checksum = setting(wanted.checksums, kChecksumTcp6);
    common.udp_ipv4_checksum = setting(wanted.checksums, kChecksumUdp4);
    common.udp_ipv6_checksum = setting(wanted.checksums, kChecksumUdp6);
    common.lso_v2_ipv4 = switched(wanted.lso_ipv4);
    common.lso_v2_ipv6 = switched(wanted.lso_ipv6);
    if (version >= wire::NvspVersion::kV61) {
        parameters.tail.rsc_ipv4 = wanted.coalesce ? wire::kNdisRscOn : wire::kNdisRscOff;
        parameters.tail.rsc_ipv6 = parameters.tail.rsc_ipv4;
    }
    return parameters;
}

int set(RndisClient& rndis, const UsedOffloads& wanted, wire::NvspVersion version) noexcept {
    const Parameters parameters = parameters_for(wanted, version);
    return rndis.set(wire::Oid::kOffloadParameters,
                     base::bytes_of(parameters).first(parameters.common.header.size));
}

}  // namespace vmbus::netvsc::offloads
