#include "host/oid_statistics.hpp"

#include <algorithm>
#include <iterator>

#include "wire/ndis.hpp"

namespace vmbus::host {
namespace {

using wire::Oid;

/// All that NDIS_STATISTICS_INFO has a flag for.
constexpr std::uint32_t kAllStatistics = 0x003F87FF;

constexpr Oid kNames[] = {Oid::kTransmitOk,
                          Oid::kReceiveOk,
                          Oid::kTransmitError,
                          Oid::kReceiveError,
                          Oid::kReceiveNoBuffer,
                          Oid::kStatistics,
                          Oid::kDirectedBytesTransmitted,
                          Oid::kDirectedFramesTransmitted,
                          Oid::kMulticastBytesTransmitted,
                          Oid::kMulticastFramesTransmitted,
                          Oid::kBroadcastBytesTransmitted,
                          Oid::kBroadcastFramesTransmitted,
                          Oid::kDirectedBytesReceived,
                          Oid::kDirectedFramesReceived,
                          Oid::kMulticastBytesReceived,
                          Oid::kMulticastFramesReceived,
                          Oid::kBroadcastBytesReceived,
                          Oid::kBroadcastFramesReceived,
                          Oid::kReceiveCrcError,
                          Oid::kTransmitQueueLength,
                          Oid::kBytesReceived,
                          Oid::kBytesTransmitted};

std::uint64_t sum_of(const Counters& counters, std::initializer_list<Drop> drops) noexcept {
    std::uint64_t sum = 0;
    for (const Drop drop : drops) {
        sum += counters.dropped(drop);
    }
    return sum;
}
std::uint64_t transmit_errors(const Counters& c) noexcept {
    return sum_of(c, {Drop::kTxRefused, Drop::kTxAboveMtu});
}
std::uint64_t receive_errors(const Counters& c) noexcept {
    return sum_of(c, {Drop::kRxAboveMtu, Drop::kRxUndersized});
}
std::uint64_t frames_of(const ByKind& kinds) noexcept {
    return kinds.frames[0] + kinds.frames[1] + kinds.frames[2];
}

std::size_t put32(base::MutableBytes out, std::uint64_t value) noexcept {
    base::store_at(out, 0, static_cast<std::uint32_t>(value));
    return sizeof(std::uint32_t);
}
std::size_t put64(base::MutableBytes out, std::uint64_t value) noexcept {
    base::store_at(out, 0, value);
    return sizeof value;
}

/// Bytes and frames of the three kinds take turns from `first` on.
std::uint64_t by_kind(Oid oid, Oid first, const ByKind& kinds) noexcept {
    const auto index = static_cast<std::uint32_t>(oid) - static_cast<std::uint32_t>(first);
    return index % 2 == 0 ? kinds.bytes[index / 2] : kinds.frames[index / 2];
}

std::size_t put_all(const NicCounters& c, std::uint64_t no_buffer,
                    base::MutableBytes out) noexcept {
    wire::NdisStatistics all{};
    all.header = {wire::kNdisObjectDefault, 1, sizeof all};
    all.supported = kAllStatistics;
    all.in_discards = no_buffer;
    all.in_errors = receive_errors(c);
    all.in_bytes = c.rx_bytes;
    all.out_bytes = c.tx_bytes;
    all.out_errors = transmit_errors(c);
    all.out_discards = c.dropped(Drop::kTxLinkDown);
    std::copy_n(c.rx_by_kind.frames.begin(), ByKind::kKinds, all.in_frames);
    std::copy_n(c.tx_by_kind.frames.begin(), ByKind::kKinds, all.out_frames);
    std::copy_n(c.rx_by_kind.bytes.begin(), ByKind::kKinds, all.in_bytes_by_kind);
    std::copy_n(c.tx_by_kind.bytes.begin(), ByKind::kKinds, all.out_bytes_by_kind);
    base::store_at(out, 0, all);
    return sizeof all;
}

}  // namespace

std::span<const Oid> statistics_oids() noexcept {
    return kNames;
}

std::size_t put_statistic(Oid oid, const NicCounters& c, std::uint64_t no_buffer,
                          base::MutableBytes out) noexcept {
    switch (oid) {
        case Oid::kTransmitOk: return put32(out, c.tx_packets);
        case Oid::kReceiveOk: return put32(out, frames_of(c.rx_by_kind));
        case Oid::kTransmitError: return put32(out, transmit_errors(c));
        case Oid::kReceiveError: return put32(out, receive_errors(c));
        case Oid::kReceiveNoBuffer: return put32(out, no_buffer);
        case Oid::kStatistics: return put_all(c, no_buffer, out);
        case Oid::kReceiveCrcError:
        case Oid::kTransmitQueueLength: return put32(out, 0);  // there is no wire and no queue
        case Oid::kBytesReceived: return put64(out, c.rx_bytes);
        case Oid::kBytesTransmitted: return put64(out, c.tx_bytes);
        default: break;
    }
    if (std::find(std::begin(kNames), std::end(kNames), oid) == std::end(kNames)) {
        return 0;
    }
    return oid < Oid::kDirectedBytesReceived
               ? put64(out, by_kind(oid, Oid::kDirectedBytesTransmitted, c.tx_by_kind))
               : put64(out, by_kind(oid, Oid::kDirectedBytesReceived, c.rx_by_kind));
}

}  // namespace vmbus::host
