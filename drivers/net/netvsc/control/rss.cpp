#include "net/netvsc/control/rss.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "net/netvsc/inbound.hpp"
#include "wire/ndis_rss.hpp"

namespace vmbus::netvsc {
namespace {

constexpr std::uint16_t kUsualTable = 128;

constexpr RssKey key_of(const std::array<unsigned char, wire::kRssKeyBytes>& bytes) noexcept {
    RssKey key{};
    for (std::size_t i = 0; i < key.size(); ++i) {
        key[i] = std::byte{bytes[i]};
    }
    return key;
}

/// A bit of the capabilities, and the hashes that it promises.
struct Promise {
    std::uint32_t capability;
    std::uint32_t hashes;
};
constexpr Promise kPromises[] = {
    {wire::kNdisRssCapTcpIpv4, wire::kNdisHashIpv4 | wire::kNdisHashTcpIpv4},
    {wire::kNdisRssCapTcpIpv6, wire::kNdisHashIpv6 | wire::kNdisHashTcpIpv6},
    {wire::kNdisRssCapTcpIpv6Ex, wire::kNdisHashIpv6Ex | wire::kNdisHashTcpIpv6Ex},
    {wire::kNdisRssCapUdpIpv4, wire::kNdisHashUdpIpv4},
    {wire::kNdisRssCapUdpIpv6, wire::kNdisHashUdpIpv6},
    {wire::kNdisRssCapUdpIpv6Ex, wire::kNdisHashUdpIpv6Ex},
};

/// The parameters with table and key behind them; `out` is large enough for kMaxRssTable.
std::size_t encode(base::MutableBytes out, const RssSettings& settings) noexcept {
    const std::size_t table_bytes = settings.table.size() * sizeof(std::uint32_t);
    wire::NdisRssParameters parameters{};
    parameters.header = {wire::kNdisObjectRssParameters, 2, sizeof parameters};
    if (settings.hash_types == 0) {
        parameters.flags = wire::kNdisRssDisable;
        base::store_at(out, 0, parameters);
        return sizeof parameters;
    }
    parameters.hash_information = settings.hash_types | wire::kNdisHashToeplitz;
    parameters.table_size = static_cast<std::uint16_t>(table_bytes);
    parameters.table_offset = sizeof parameters;
    parameters.key_size = wire::kRssKeyBytes;
    parameters.key_offset = static_cast<std::uint32_t>(sizeof parameters + table_bytes);
    base::store_at(out, 0, parameters);
    for (std::size_t i = 0; i < settings.table.size(); ++i) {
        base::store_at(out, parameters.table_offset + i * sizeof(std::uint32_t),
                       std::uint32_t{settings.table[i]});
    }
    std::memcpy(out.data() + parameters.key_offset, settings.key.data(), settings.key.size());
    return parameters.key_offset + settings.key.size();
}

}  // namespace

constinit const RssKey kDefaultRssKey =
    key_of({0x2c, 0xc6, 0x81, 0xd1, 0x5b, 0xdb, 0xf4, 0xf7, 0xfc, 0xa2, 0x83, 0x19, 0xdb, 0x1a,
            0x3e, 0x94, 0x6b, 0x9e, 0x38, 0xd9, 0x2c, 0x9c, 0x03, 0xd1, 0xad, 0x99, 0x44, 0xa7,
            0xd9, 0x56, 0x3d, 0x59, 0x06, 0x3c, 0x25, 0xf3, 0xfc, 0x1f, 0xdc, 0x2a});

RssCapabilities rss::query(RndisClient& rndis) noexcept {
    std::array<std::byte, sizeof(wire::NdisRssCapabilities)> answer{};
    wire::NdisRssCapabilities question{};
    question.header = {wire::kNdisObjectRssCapabilities, 2, wire::kNdisRssCapabilitiesBytes};
    const auto size = rndis.query(wire::Oid::kReceiveScaleCapabilities, answer,
                                  base::bytes_of(question).first(wire::kNdisRssCapabilitiesBytes));
    const auto host = base::load_at<wire::NdisRssCapabilities>(base::Bytes(answer), 0);
    if (!size.ok() || size.value() < wire::kNdisRssCapabilitiesBytesRev1 ||
        host.header.type != wire::kNdisObjectRssCapabilities || host.header.revision == 0 ||
        (host.capabilities & wire::kNdisHashToeplitz) == 0 || host.receive_queues < 2) {
        return {};
    }
    RssCapabilities can;
    can.queues =
        static_cast<std::uint16_t>(std::min<std::uint32_t>(host.receive_queues, kMaxQueues));
    for (const Promise& promise : kPromises) {
        can.hash_types |= (host.capabilities & promise.capability) != 0 ? promise.hashes : 0;
    }
    // Revision 1 does not say, and some say 0.
    const bool says = size.value() >= wire::kNdisRssCapabilitiesBytes && host.table_entries != 0;
    can.table_entries = says ? std::min(host.table_entries, kMaxRssTable) : kUsualTable;
    return can.hash_types == 0 ? RssCapabilities{} : can;
}

int rss::set(RndisClient& rndis, const RssSettings& settings) noexcept {
    std::array<std::byte, sizeof(wire::NdisRssParameters) + kMaxRssTable * sizeof(std::uint32_t) +
                              wire::kRssKeyBytes>
        buffer;
    const std::size_t off = encode(buffer, {});
    const int error = rndis.set(wire::Oid::kReceiveScaleParameters, base::Bytes(buffer).first(off));
    if (error != 0 || settings.hash_types == 0) {
        return error;
    }
    const std::size_t on = encode(buffer, settings);
    return rndis.set(wire::Oid::kReceiveScaleParameters, base::Bytes(buffer).first(on));
}

}  // namespace vmbus::netvsc
