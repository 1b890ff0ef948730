#include "ring/packet_view.hpp"

namespace vmbus::ring {

template class BasicPacketView<MappedRing>;

const char* to_string(PacketError error) noexcept {
    switch (error) {
        case PacketError::kNone: return "none";
        case PacketError::kShortData: return "short_data";
        case PacketError::kBadLengths: return "bad_lengths";
        case PacketError::kBadFlags: return "bad_flags";
        case PacketError::kBadType: return "bad_type";
        case PacketError::kBadRangeCount: return "bad_range_count";
        case PacketError::kBadFooter: return "bad_footer";
        case PacketError::kBadIndex: return "bad_index";
    }
    return "unknown";
}

}  // namespace vmbus::ring
