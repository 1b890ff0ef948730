#include "net/netvsc/control/oids.hpp"

#include <algorithm>
#include <cerrno>

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

}  // namespace

base::Result<MacAddress> mac_address(RndisClient& rndis) noexcept {
    const auto mac = query_as<MacAddress>(rndis, wire::Oid::kPermanentAddress);
    if (!mac.ok()) {
        return mac;
    }
    const MacAddress& bytes = mac.value();
    const bool zero = std::all_of(bytes.begin(), bytes.end(), [](auto b) { return b == 0; });
    const bool group = (bytes[0] & 1U) != 0;
    return zero || group ? base::Result<MacAddress>::error(EPROTO) : mac;
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

int set_packet_filter(RndisClient& rndis, std::uint32_t filter) noexcept {
    return rndis.set(wire::Oid::kCurrentPacketFilter, base::bytes_of(filter));
}

}  // namespace vmbus::netvsc::oids
