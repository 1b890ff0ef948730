#include "net/netvsc/rx.hpp"

#include <rte_ether.h>

#include <algorithm>
#include <cstring>

namespace vmbus::netvsc {
namespace {

constexpr std::uint32_t kAddresses = 2 * RTE_ETHER_ADDR_LEN;
constexpr std::uint32_t kTag = sizeof(rte_vlan_hdr);

/// Nothing said is nothing known; a host that says both is believed the worse.
std::uint64_t checksum_flags(std::uint32_t word) noexcept {
    std::uint64_t flags = 0;
    if ((word & wire::kRxIpBad) != 0) {
        flags |= RTE_MBUF_F_RX_IP_CKSUM_BAD;
    } else if ((word & wire::kRxIpGood) != 0) {
        flags |= RTE_MBUF_F_RX_IP_CKSUM_GOOD;
    }
    if ((word & (wire::kRxTcpBad | wire::kRxUdpBad)) != 0) {
        flags |= RTE_MBUF_F_RX_L4_CKSUM_BAD;
    } else if ((word & (wire::kRxTcpGood | wire::kRxUdpGood)) != 0) {
        flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
    }
    return flags;
}

/// Puts the 802.1Q tag that the host took out back behind the addresses.
void put_tag(std::byte* after_addresses, std::uint16_t tci) noexcept {
    const rte_be16_t tag[] = {rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN), rte_cpu_to_be_16(tci)};
    std::memcpy(after_addresses, tag, sizeof tag);
}

std::uint32_t network_type(rte_be16_t ether_type) noexcept {
    switch (rte_be_to_cpu_16(ether_type)) {
        case RTE_ETHER_TYPE_IPV4: return RTE_PTYPE_L3_IPV4_EXT_UNKNOWN;
        case RTE_ETHER_TYPE_IPV6: return RTE_PTYPE_L3_IPV6_EXT_UNKNOWN;
        default: return 0;
    }
}

/// As far as the Ethernet header tells; its line was just written.
std::uint32_t packet_type(const rte_mbuf& mbuf) noexcept {
    if (mbuf.data_len < sizeof(rte_ether_hdr) + kTag) {
        return RTE_PTYPE_L2_ETHER;
    }
    const auto* ether = rte_pktmbuf_mtod(&mbuf, const rte_ether_hdr*);
    if (ether->ether_type != rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN)) {
        return RTE_PTYPE_L2_ETHER | network_type(ether->ether_type);
    }
    const auto* tag = reinterpret_cast<const rte_vlan_hdr*>(ether + 1);
    return RTE_PTYPE_L2_ETHER_VLAN | network_type(tag->eth_proto);
}

}  // namespace

RxQueue::RxQueue(rte_mempool& pool, std::uint16_t port_id, std::uint16_t ring_size) noexcept
    : pool_(pool),
      room_(rte_pktmbuf_data_room_size(&pool) - std::uint32_t{RTE_PKTMBUF_HEADROOM}),
      port_id_(port_id),
      ring_size_(ring_size) {}

void RxQueue::start(Session& session, const RxOptions& options, std::uint16_t lane) noexcept {
    options_ = options;
    lane_ = &session.lane(lane);
}

void RxQueue::stop() noexcept {
    lane_ = nullptr;
    if (stashed_ != 0) {
        rte_pktmbuf_free_bulk(stash_.data(), stashed_);
        stashed_ = 0;
    }
}

std::uint16_t RxQueue::burst(rte_mbuf** packets, std::uint16_t count) noexcept {
    if (lane_ == nullptr || !lane_->alive()) [[unlikely]] {
        return 0;
    }
    const Ownership own(lane_->owner());
    if (!own) [[unlikely]] {
        return 0;  // not counted: the counters belong to the owner
    }
    Inbound& inbound = lane_->inbound();
    std::uint16_t received = 0;
    std::uint64_t bytes = 0;
    for (unsigned budget = Inbound::kBudget; received < count && budget > 0; --budget) {
        if (!inbound.has_range()) {
            if (!inbound.take_packet()) {
                break;
            }
            continue;
        }
        rte_mbuf* mbuf = nullptr;
        const Taken taken = take_frame(mbuf);
        if (taken == Taken::kFrame) {
            bytes += mbuf->pkt_len;
            packets[received++] = mbuf;
        } else if (taken == Taken::kNoMbuf) [[unlikely]] {
            break;
        }
    }
    inbound.finish();
    counters_[RxCount::kPackets].add(received);
    counters_[RxCount::kBytes].add(bytes);
    return received;
}

/// Decodes the message at the front of the backlog.
RxQueue::Taken RxQueue::take_frame(rte_mbuf*& out) noexcept {
    const base::Bytes range = lane_->inbound().bytes_of(lane_->inbound().range());
    DecodedFrame frame;
    const auto error = decode_frame(range, frame);
    if (error != codec::RndisPacketError::kNone) [[unlikely]] {
        skip_message(range, error);
        return Taken::kNothing;
    }
    Taken taken = Taken::kFrame;
    out = fill(frame, range.subspan(frame.bounds.data_offset, frame.bounds.data_length), taken);
    if (taken != Taken::kNoMbuf) {
        message_done(frame.bounds.message_length);
    }
    return taken;
}

/// What cannot be decoded ends its range: there is no length to go on by.
void RxQueue::skip_message(base::Bytes range, codec::RndisPacketError error) noexcept {
    Inbound& inbound = lane_->inbound();
    if (error == codec::RndisPacketError::kNotAPacket && !inbound.range().started) {
        inbound.on_control(range);  // behind frames of the same packet
    } else if (!inbound.range().started) {
        counters_[count_of(error)].add();
    }
    inbound.range_done();
}

void RxQueue::message_done(std::uint32_t length) noexcept {
    HeldRange& range = lane_->inbound().range();
    range.offset += length;
    range.length -= length;
    range.started = true;
    // A host that pads the range behind its last message leaves less than a header, or no header.
    if (range.length < sizeof(wire::RndisPacket)) {
        lane_->inbound().range_done();
    }
}

bool RxQueue::refuses(const DecodedFrame& frame, bool insert_tag) noexcept {
    const std::uint32_t length = frame.bounds.data_length + (insert_tag ? kTag : 0);
    if (insert_tag && frame.bounds.data_length < kAddresses) {
        counters_[RxCount::kBadVlan].add();
        return true;
    }
    if (length > room_ && !options_.scatter) {
        counters_[RxCount::kTooLong].add();
        return true;
    }
    return false;
}

rte_mbuf* RxQueue::fill(const DecodedFrame& frame, base::Bytes data, Taken& taken) noexcept {
    const bool tagged = (frame.info.has & codec::PacketInfo::kVlan) != 0;
    const bool insert_tag = tagged && !options_.vlan_strip;
    if (refuses(frame, insert_tag)) [[unlikely]] {
        taken = Taken::kNothing;
        return nullptr;
    }
    rte_mbuf* mbuf = new_mbuf();
    if (mbuf == nullptr) [[unlikely]] {
        taken = Taken::kNoMbuf;
        return nullptr;
    }
    if (insert_tag) {
        auto* to = rte_pktmbuf_mtod(mbuf, std::byte*);
        std::memcpy(to, data.data(), kAddresses);
        put_tag(to + kAddresses, wire::vlan_to_tci(frame.info.vlan));
        mbuf->data_len = kAddresses + kTag;
        data = data.subspan(kAddresses);
    }
    if (!copy_frame(*mbuf, data)) [[unlikely]] {
        rte_pktmbuf_free(mbuf);
        taken = Taken::kNoMbuf;
        return nullptr;
    }
    describe(*mbuf, frame.info);
    return mbuf;
}

/// Appends to the head and as many segments as it takes. False when the pool ran empty.
bool RxQueue::copy_frame(rte_mbuf& head, base::Bytes data) noexcept {
    rte_mbuf* tail = &head;
    head.pkt_len = static_cast<std::uint32_t>(head.data_len + data.size());
    for (;;) {
        const std::size_t part = std::min<std::size_t>(data.size(), room_ - tail->data_len);
        std::memcpy(rte_pktmbuf_mtod_offset(tail, std::byte*, tail->data_len), data.data(), part);
        tail->data_len = static_cast<std::uint16_t>(tail->data_len + part);
        data = data.subspan(part);
        if (data.empty()) [[likely]] {
            return true;
        }
        rte_mbuf* next = new_mbuf();
        if (next == nullptr) {
            return false;
        }
        tail->next = next;
        tail = next;
        ++head.nb_segs;
    }
}

void RxQueue::describe(rte_mbuf& mbuf, const codec::PacketInfo& info) const noexcept {
    mbuf.port = port_id_;
    if ((info.has & codec::PacketInfo::kVlan) != 0 && options_.vlan_strip) {
        mbuf.vlan_tci = wire::vlan_to_tci(info.vlan);
        mbuf.ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    }
    if ((info.has & codec::PacketInfo::kChecksum) != 0 && options_.checksum_flags != 0) {
        mbuf.ol_flags |= checksum_flags(info.checksum) & options_.checksum_flags;
    }
    mbuf.packet_type = packet_type(mbuf);
}

rte_mbuf* RxQueue::new_mbuf() noexcept {
    if (stashed_ == 0 && !refill()) {
        counters_[RxCount::kNoMbuf].add();
        return nullptr;
    }
    return stash_[--stashed_];
}

bool RxQueue::refill() noexcept {
    if (rte_pktmbuf_alloc_bulk(&pool_, stash_.data(), kStash) == 0) [[likely]] {
        stashed_ = kStash;
    } else if (rte_mbuf* last = rte_pktmbuf_alloc(&pool_); last != nullptr) {
        stash_[0] = last;
        stashed_ = 1;
    }
    return stashed_ != 0;
}

}  // namespace vmbus::netvsc
