#include "net/netvsc/control/offloads.hpp"

#include <array>
#include <cerrno>
#include <cstring>

namespace vmbus::netvsc::offloads {
namespace {

// NDIS_OFFLOAD by revision. The first has all that is read here.
constexpr std::size_t kBytesRevision1 = 112;
constexpr std::size_t kBytesRevision2 = 144;
constexpr std::size_t kBytesRevision3 = sizeof(wire::NdisOffload);
/// NDIS_OFFLOAD_PARAMETERS: what follows the flags is zero, "no change".
constexpr std::size_t kParameterBytesRevision2 = 22;
constexpr std::size_t kParameterBytesRevision3 = 28;

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
        bit_if(supports(v4, kTcp) && supports(v6, kTcp | wire::kNdisIpOptions), kChecksumTcp) |
        bit_if(udp && supports(v4, wire::kNdisUdp) && supports(v6, wire::kNdisUdp), kChecksumUdp));
}

/// Options matter less here: a host that did not verify a frame says nothing of it.
std::uint8_t receive_of(const wire::NdisChecksumOffload& host) noexcept {
    const std::uint32_t v4 = host.ipv4_rx_flags;
    const std::uint32_t v6 = host.ipv6_rx_flags;
    const auto both = [=](std::uint32_t flag) { return supports(v4, flag) && supports(v6, flag); };
    return static_cast<std::uint8_t>(bit_if(supports(v4, wire::kNdisIpHeader), kChecksumIpv4) |
                                     bit_if(both(wire::kNdisTcp), kChecksumTcp) |
                                     bit_if(both(wire::kNdisUdp), kChecksumUdp));
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

ChecksumOffloads checksums_of(base::Bytes answer, wire::NvspVersion version) noexcept {
    const auto header = base::try_load<wire::NdisObjectHeader>(answer);
    if (!header || header->type != wire::kNdisObjectOffload || header->revision < 1 ||
        header->size > answer.size()) {
        return {};
    }
    if (header->size != kBytesRevision1 && header->size != kBytesRevision2 &&
        header->size != kBytesRevision3) {
        return {};
    }
    const auto host =
        base::load_at<wire::NdisChecksumOffload>(answer, offsetof(wire::NdisOffload, checksum));
    return {.tx = transmit_of(host, newer(version)), .rx = receive_of(host)};
}

base::Result<ChecksumOffloads> query_checksums(RndisClient& rndis,
                                               wire::NvspVersion version) noexcept {
    // The object that is asked for is announced by one of its kind, otherwise empty.
    std::array<std::byte, kBytesRevision3> question{};
    const std::size_t size = newer(version) ? kBytesRevision3 : kBytesRevision2;
    base::store_at(
        question, 0,
        wire::NdisObjectHeader{.type = wire::kNdisObjectOffload,
                               .revision = newer(version) ? std::uint8_t{3} : std::uint8_t{2},
                               .size = static_cast<std::uint16_t>(size)});
    std::array<std::byte, 2 * kBytesRevision3> answer{};
    const auto got = rndis.query(wire::Oid::kOffloadHardwareCapabilities, answer,
                                 base::Bytes(question).first(size));
    using Answer = base::Result<ChecksumOffloads>;
    if (!got.ok()) {
        return got.error() == EIO ? Answer(ChecksumOffloads{}) : Answer::error(got.error());
    }
    return checksums_of(base::Bytes(answer).first(got.value()), version);
}

wire::NdisOffloadParameters parameters_for(const ChecksumOffloads& wanted,
                                           wire::NvspVersion version) noexcept {
    wire::NdisOffloadParameters parameters{};
    parameters.header = {.type = wire::kNdisObjectDefault,
                         .revision = newer(version) ? std::uint8_t{3} : std::uint8_t{2},
                         .size = static_cast<std::uint16_t>(
                             newer(version) ? kParameterBytesRevision3 : kParameterBytesRevision2)};
    parameters.ipv4_checksum = setting(wanted, kChecksumIpv4);
    parameters.tcp_ipv4_checksum = parameters.tcp_ipv6_checksum = setting(wanted, kChecksumTcp);
    parameters.udp_ipv4_checksum = parameters.udp_ipv6_checksum = setting(wanted, kChecksumUdp);
    return parameters;
}

int set_checksums(RndisClient& rndis, const ChecksumOffloads& wanted,
                  wire::NvspVersion version) noexcept {
    std::array<std::byte, kParameterBytesRevision3> object{};
    const auto parameters = parameters_for(wanted, version);
    base::store_at(object, 0, parameters);
    return rndis.set(wire::Oid::kOffloadParameters,
                     base::Bytes(object).first(parameters.header.size));
}

}  // namespace vmbus::netvsc::offloads
