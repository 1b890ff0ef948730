// What a NIC lets in to its guest: by destination address, as the guest set its packet filter.
// There is no multicast list on these NICs (OID MAXIMUM_LIST_SIZE is 0): whoever asks for multicast
// gets all of it, as with all-multicast. Pure value. Source: ntddndis.h NDIS_PACKET_TYPE_*.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "host/counters.hpp"
#include "host/nic_spec.hpp"
#include "wire/ndis.hpp"

namespace vmbus::host {

class PacketFilter {
public:
    explicit PacketFilter(const MacAddress& own) noexcept : own_(own) {}

    void set(std::uint32_t filter) noexcept { filter_ = filter; }
    std::uint32_t value() const noexcept { return filter_; }

    /// Why the frame is not for this guest; nothing when it is. Requires: frame.size() >= 6.
    std::optional<Drop> refuses(base::Bytes frame) const noexcept {
        if ((filter_ & wire::kNdisFilterPromiscuous) != 0) {
            return std::nullopt;
        }
        switch (ByKind::kind_of(frame)) {
            case ByKind::kBroadcast: return unless(wire::kNdisFilterBroadcast, Drop::kRxBroadcast);
            case ByKind::kMulticast:
                return unless(wire::kNdisFilterMulticast | wire::kNdisFilterAllMulticast,
                              Drop::kRxMulticast);
            default: break;
        }
        return base::load_at<MacAddress>(frame, 0) == own_
                   ? unless(wire::kNdisFilterDirected, Drop::kRxDirected)
                   : Drop::kRxOthersAddress;
    }

private:
    std::optional<Drop> unless(std::uint32_t bits, Drop drop) const noexcept {
        return (filter_ & bits) != 0 ? std::nullopt : std::optional(drop);
    }

    MacAddress own_;
    std::uint32_t filter_ = 0;
};

}  // namespace vmbus::host
