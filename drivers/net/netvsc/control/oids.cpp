#include "net/netvsc/control/oids.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>
#include <tuple>
#include <type_traits>

namespace vmbus::netvsc::oids {
namespace {

/// A T that the host must give whole; more is fine.
template <class T>
base::Result<T> query_as(RndisClient& rndis, wire::Oid oid) noexcept {
    T value{};
    const auto size = rndis.query(oid, std::as_writable_bytes(std::span<T, 1>(&value, 1)));
    if (!size.ok()) {
        return base::Result<T>::error(size.error());
    }
    return size.value() == sizeof value ? base::Result<T>(value) : base::Result<T>::error(EPROTO);
}

constexpr std::uint32_t kConnected = 0;
/// The unit of OID_GEN_LINK_SPEED is 100 bit/s.
constexpr std::uint32_t kSpeedUnitsPerMbps = 10000;

// RNDIS_CONFIG_PARAMETER_INFO with its name and its value, UTF-16 both (MS-RNDIS 2.2.4; which name:
// Linux rndis_filter).
constexpr char16_t kAddressName[] = {u'N', u'e', u't', u'w', u'o', u'r', u'k',
                                     u'A', u'd', u'd', u'r', u'e', u's', u's'};
constexpr std::uint32_t kTypeString = 2;
struct ConfigParameter {
    std::uint32_t name_offset;
    std::uint32_t name_length;
    std::uint32_t type;
    std::uint32_t value_offset;
    std::uint32_t value_length;
    char16_t name[std::size(kAddressName)];
    char16_t value[2 * std::tuple_size_v<MacAddress>];
};
static_assert(std::has_unique_object_representations_v<ConfigParameter>, "it goes out as it is");

ConfigParameter address_parameter(const MacAddress& mac) noexcept {
    constexpr char kDigits[] = "0123456789ABCDEF";
    ConfigParameter parameter{.name_offset = offsetof(ConfigParameter, name),
                              .name_length = sizeof parameter.name,
                              .type = kTypeString,
                              .value_offset = offsetof(ConfigParameter, value),
                              .value_length = sizeof parameter.value,
                              .name = {},
                              .value = {}};
    std::copy(std::begin(kAddressName), std::end(kAddressName), parameter.name);
    for (std::size_t i = 0; i < mac.size(); ++i) {
        parameter.value[2 * i] = static_cast<char16_t>(kDigits[mac[i] >> 4U]);
        parameter.value[2 * i + 1] = static_cast<char16_t>(kDigits[mac[i] & 0xFU]);
    }
    return parameter;
}

}  // namespace

base::Result<MacAddress> checked(const base::Result<MacAddress>& mac) noexcept {
    if (!mac.ok()) {
        return mac;
    }
    const MacAddress& bytes = mac.value();
    const bool zero = std::all_of(bytes.begin(), bytes.end(), [](auto b) { return b == 0; });
    const bool group = (bytes[0] & 1U) != 0;
    return zero || group ? base::Result<MacAddress>::error(EPROTO) : mac;
}

base::Result<MacAddress> mac_address(RndisClient& rndis) noexcept {
    return checked(query_as<MacAddress>(rndis, wire::Oid::kPermanentAddress));
}

base::Result<MacAddress> current_mac_address(RndisClient& rndis) noexcept {
    return checked(query_as<MacAddress>(rndis, wire::Oid::kCurrentAddress));
}

base::Result<std::uint32_t> maximum_frame_size(RndisClient& rndis) noexcept {
    return query_as<std::uint32_t>(rndis, wire::Oid::kMaximumFrameSize);
}

base::Result<bool> link_is_up(RndisClient& rndis) noexcept {
    const auto status = query_as<std::uint32_t>(rndis, wire::Oid::kMediaConnectStatus);
    return status.ok() ? base::Result<bool>(status.value() == kConnected)
                       : base::Result<bool>::error(status.error());
}

base::Result<std::uint32_t> link_speed_mbps(RndisClient& rndis) noexcept {
    const auto speed = query_as<std::uint32_t>(rndis, wire::Oid::kLinkSpeed);
    return speed.ok() ? base::Result<std::uint32_t>(speed.value() / kSpeedUnitsPerMbps) : speed;
}

int set_mac_address(RndisClient& rndis, const MacAddress& mac) noexcept {
    const ConfigParameter parameter = address_parameter(mac);
    if (const int error = rndis.set(wire::Oid::kRndisConfigParameter, base::bytes_of(parameter));
        error != 0) {
        return error;
    }
    const auto now = current_mac_address(rndis);
    if (!now.ok()) {
        return -now.error();
    }
    return now.value() == mac ? 0 : -ENOTSUP;
}

int set_multicast_list(RndisClient& rndis, std::span<const MacAddress> groups) noexcept {
    return rndis.set(wire::Oid::kMulticastList, std::as_bytes(groups));
}

int set_packet_filter(RndisClient& rndis, std::uint32_t filter) noexcept {
    return rndis.set(wire::Oid::kCurrentPacketFilter, base::bytes_of(filter));
}

}  // namespace vmbus::netvsc::oids
