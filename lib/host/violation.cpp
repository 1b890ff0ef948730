#include "host/violation.hpp"

#include <algorithm>

#include "host/violation_rules.hpp"

namespace vmbus::host {

Violation violation_of(ring::PacketError error) noexcept {
    switch (error) {
        case ring::PacketError::kNone:
        case ring::PacketError::kShortData: return Violation::kRingShortData;
        case ring::PacketError::kBadLengths: return Violation::kRingBadLengths;
        case ring::PacketError::kBadFlags: return Violation::kRingBadFlags;
        case ring::PacketError::kBadType: return Violation::kRingBadType;
        case ring::PacketError::kBadRangeCount: return Violation::kRingBadRangeCount;
        case ring::PacketError::kBadFooter: return Violation::kRingBadFooter;
        case ring::PacketError::kBadIndex: return Violation::kRingBadWriteIndex;
    }
    return Violation::kRingBadType;
}

Violation violation_of(codec::RndisPacketError error) noexcept {
    switch (error) {
        case codec::RndisPacketError::kNone:
        case codec::RndisPacketError::kShort: return Violation::kRndisShort;
        case codec::RndisPacketError::kNotAPacket: return Violation::kRndisNotAPacket;
        case codec::RndisPacketError::kBadLength: return Violation::kRndisBadLength;
        case codec::RndisPacketError::kBadData: return Violation::kRndisBadData;
        case codec::RndisPacketError::kBadOob: return Violation::kRndisBadOob;
        case codec::RndisPacketError::kBadPpiArea: return Violation::kRndisBadPpiArea;
        case codec::RndisPacketError::kBadPpi: return Violation::kRndisBadPpi;
        case codec::RndisPacketError::kDuplicatePpi: return Violation::kRndisDuplicatePpi;
    }
    return Violation::kRndisShort;
}

Violation violation_of(codec::RndisError error) noexcept {
    switch (error) {
        case codec::RndisError::kNone:
        case codec::RndisError::kShort: return Violation::kControlShort;
        case codec::RndisError::kBadLength: return Violation::kControlBadLength;
        case codec::RndisError::kBadType: return Violation::kControlUnknownType;
        case codec::RndisError::kBadInfo:
        case codec::RndisError::kBadValue: return Violation::kControlBadInfo;
    }
    return Violation::kControlShort;
}

void ViolationLog::record(Violation violation, base::Bytes offending) noexcept {
    Entry& entry = entries_[static_cast<std::size_t>(violation)];
    ++total_;
    stop_due_ = stop_due_ || reaction_of(rule_of(violation), temper_) == Reaction::kStops;
    if (entry.count++ == 0) {
        entry.kept = std::min(offending.size(), kBytesKept);
        std::copy_n(offending.begin(), entry.kept, entry.bytes.begin());
    }
}

}  // namespace vmbus::host
