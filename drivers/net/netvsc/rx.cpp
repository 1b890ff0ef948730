#include "net/netvsc/rx.hpp"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_ether.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "net/netvsc/rx_verdict.hpp"

namespace vmbus::netvsc {
namespace {

constexpr std::uint32_t kAddresses = 2 * RTE_ETHER_ADDR_LEN;
constexpr std::uint32_t kTag = sizeof(rte_vlan_hdr);
/// Of a lane's share of the receive buffer, packets that wait to go back hold one part in so many.
constexpr std::uint32_t kAckShare = 8;
/// Of a packet that was put together: an IP packet with its Ethernet header and a tag.
constexpr std::uint32_t kMaxCoalescedFrame = 65535 + RTE_ETHER_HDR_LEN + kTag;

/// Puts the 802.1Q tag that the host took out back behind the addresses.
void put_tag(std::byte* after_addresses, std::uint16_t tci) noexcept {
    const rte_be16_t tag[] = {rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN), rte_cpu_to_be_16(tci)};
    std::memcpy(after_addresses, tag, sizeof tag);
}

/// Which part of a coalesced packet this is; no flags: the message is a packet of its own.
std::uint8_t fragment_flags(const codec::PacketInfo& info) noexcept {
    if ((info.has & codec::PacketInfo::kPacketId) == 0) [[likely]] {
        return 0;
    }
    const auto id = std::bit_cast<wire::PacketId>(info.packet_id);
    return (id.flags & wire::kPacketIdPart) != 0 ? id.flags : std::uint8_t{0};
}

}  // namespace

RxQueue::RxQueue(rte_mempool& pool, std::uint16_t port_id, std::uint16_t ring_size) noexcept
    : room_(rte_pktmbuf_data_room_size(&pool) - std::uint32_t{RTE_PKTMBUF_HEADROOM}),
      usual_(room_),
      mbuf_start_{.port = port_id},
      ring_size_(ring_size),
      stash_(pool) {}

void RxQueue::start(Session& session, const RxOptions& options, std::uint16_t lane) noexcept {
    options_ = options;
    change({options.vlan_strip, options.packet_types});
    mtu_ = session.mtu();
    Lane& own = session.lane(lane);
    if (options_.lend_above != kNeverLend) {
        while (!own.owner().try_enter()) {
            base::cpu_pause();
        }
        if (!own.inbound().allow_loans(session.lanes(), release_loan)) {
            options_.lend_above = kNeverLend;
        }
        own.owner().leave();
    }
    usual_ = std::min(room_, options_.lend_above);
    most_waiting_ = own.inbound().pieces() / session.lanes() / kAckShare;
    lane_ = &own;
    own.set_bell(&bell);
}

void RxQueue::stop() noexcept {
    if (lane_ != nullptr) {
        lane_->set_bell(nullptr);
        disable_interrupt();
        if (const Ownership own(lane_->owner()); own && lane_->alive()) {
            inbound().finish();
        }
        lane_ = nullptr;
    }
    if (chain_.head != nullptr) {
        drop_chain();
    }
    stash_.give_back();
}

std::uint16_t RxQueue::burst(rte_mbuf** packets, std::uint16_t count) noexcept {
    if (lane_ == nullptr) [[unlikely]] {
        return 0;
    }
    const Ownership own(lane_->owner());
    if (!own) [[unlikely]] {
        return 0;  // not counted: the counters belong to the owner
    }
    // By the owner only: what a dead one left half done is nobody's to go on with.
    if (!lane_->alive()) [[unlikely]] {
        counters_[RxCount::kChannelLost].add(lane_->lost() ? 1 : 0);
        return 0;
    }
    // relaxed: a setting.
    settings_ = RxSettings::of(settings_word_.load_relaxed());
    std::uint16_t received = 0;
    std::uint64_t bytes = 0;
    for (unsigned budget = Inbound::kBudget; received < count && budget > 0; --budget) {
        if (!inbound().has_range()) {
            if (!inbound().take_packet()) {
                break;
            }
            continue;
        }
        const auto wanted = static_cast<std::uint16_t>(count - received);
        if (const std::uint16_t usual = take_usual(packets + received, wanted, bytes); usual != 0) {
            received = static_cast<std::uint16_t>(received + usual);
            continue;
        }
        rte_mbuf* mbuf = nullptr;
        const Taken taken = take_frame(mbuf);
        if (taken == Taken::kFrame) {
            bytes += mbuf->pkt_len;
            packets[received++] = mbuf;
        } else if (taken == Taken::kNoMbuf) [[unlikely]] {
            counters_[RxCount::kNoMbuf].add();
            break;
        }
    }
    inbound().finish(least_acks(received == 0));
    counters_[RxCount::kPackets].add(received);
    counters_[RxCount::kBytes].add(bytes);
    if (options_.count_frames) [[unlikely]] {
        frames.add(packets, received);
    }
    return received;
}

/// How many packets make it worth while to give them back now, which wakes a host that sleeps. They
/// wait for more, but not while the host may need their pieces, nor for long when no frames come.
std::uint32_t RxQueue::least_acks(bool quiet) noexcept {
    if (!quiet) {
        quiet_since_ = 0;
        return inbound().pieces_waiting() < most_waiting_ ? options_.ack_batch : 1;
    }
    if (options_.ack_cycles == 0 || !inbound().acks_pending()) {
        return 1;
    }
    const std::uint64_t now = rte_rdtsc();
    quiet_since_ = quiet_since_ == 0 ? now : quiet_since_;
    return now - quiet_since_ < options_.ack_cycles ? options_.ack_batch : 1;
}

std::uint32_t RxQueue::forget_mbufs() noexcept {
    const std::uint32_t chained = chain_.head == nullptr ? 0 : 1;
    chain_.head = nullptr;
    return chained + stash_.forget();
}

/// Frames of the usual shape, each alone in its range and in one mbuf, with nothing on their way
/// that they do not need. Stops before what takes the long way, which also says why.
std::uint16_t RxQueue::take_usual(rte_mbuf** packets, std::uint16_t count,
                                  std::uint64_t& bytes) noexcept {
    const std::span<HeldRange> ranges = inbound().ranges();
    if (chain_.head != nullptr || ranges[0].started) [[unlikely]] {
        return 0;
    }
    const auto most = static_cast<std::uint16_t>(std::min<std::size_t>(count, ranges.size()));
    const PacketTypes types = settings_.packet_types;
    const MbufStart start = mbuf_start_;
    const bool hashes = options_.rss_hash;
    std::uint16_t taken = 0;
    DecodedFrame frame;
    for (; taken < most; ++taken) {
        const HeldRange& range = ranges[taken];
        const base::Bytes message = inbound().bytes_of(range);
        inbound().prefetch_ahead(ranges, taken);
        if (!decode_usual(message, frame) || frame.bounds.data_length > usual_ ||
            message.size() - frame.bounds.message_length >= sizeof(wire::RndisPacket) ||
            !has_usual_verdict(frame.info.checksum) || !stash_.have(1)) [[unlikely]] {
            break;
        }
        rte_mbuf& mbuf = stash_.raw();
        rearm(mbuf, start);
        const std::uint32_t length = frame.bounds.data_length;
        mbuf.data_len = static_cast<std::uint16_t>(length);
        mbuf.pkt_len = length;
        mbuf.vlan_tci = 0;
        mbuf.ol_flags = (mbuf.ol_flags & RTE_MBUF_F_EXTERNAL) |
                        (usual_verdict(frame.info.checksum) & options_.checksum_flags);
        if (hashes && (frame.info.has & codec::PacketInfo::kHashValue) != 0) {
            mbuf.hash.rss = frame.info.hash_value;
            mbuf.ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
        }
        base::copy(rte_pktmbuf_mtod(&mbuf, std::byte*), message.data() + frame.bounds.data_offset,
                   length);
        mbuf.packet_type = packet_type(mbuf, types);
        if (range.last) [[unlikely]] {
            inbound().packet_done(range);
        }
        packets[taken] = &mbuf;
        bytes += length;
    }
    inbound().pop_ranges(taken);
    return taken;
}

/// Decodes the message at the front of the backlog.
RxQueue::Taken RxQueue::take_frame(rte_mbuf*& out) noexcept {
    const base::Bytes range = inbound().bytes_of(inbound().range());
    DecodedFrame frame;
    const auto error = decode_frame(range, frame);
    if (error != codec::RndisPacketError::kNone) [[unlikely]] {
        skip_message(range, error);
        return Taken::kNothing;
    }
    const base::Bytes data = range.subspan(frame.bounds.data_offset, frame.bounds.data_length);
    const bool whole = fragment_flags(frame.info) == 0 && chain_.head == nullptr;
    const Taken taken = whole ? take_whole(frame, data, out) : take_fragment(frame, data, out);
    if (taken != Taken::kNoMbuf) {
        message_done(frame.bounds.message_length);
    }
    return taken;
}

RxQueue::Taken RxQueue::take_whole(const DecodedFrame& frame, base::Bytes data,
                                   rte_mbuf*& out) noexcept {
    const bool tag = keeps_tag(frame.info);
    if (tag && data.size() < kAddresses) [[unlikely]] {
        return refuse(RxCount::kBadVlan);
    }
    // A tag is put back into a copy: the host's header is still being read behind the addresses.
    if (data.size() > options_.lend_above && !tag && lend_frame(frame, out)) {
        return Taken::kFrame;
    }
    const std::uint32_t mbufs = mbufs_for(data.size() + (tag ? kTag : 0));
    if (mbufs > 1 && (!options_.scatter || mbufs > MbufStash::kSize)) [[unlikely]] {
        return refuse(RxCount::kTooLong);
    }
    if (!stash_.have(mbufs)) [[unlikely]] {
        return Taken::kNoMbuf;
    }
    out = start_frame(frame.info, data);
    append(*out, *out, data);
    describe(*out, frame.info);
    return Taken::kFrame;
}

/// An mbuf around the frame where it lies. False where it must be copied.
bool RxQueue::lend_frame(const DecodedFrame& frame, rte_mbuf*& out) noexcept {
    const base::Bytes message =
        inbound().bytes_of(inbound().range()).first(frame.bounds.message_length);
    const auto address = options_.addresses->of(message);
    if (message.size() > UINT16_MAX || !address || !stash_.have(1)) {
        return false;
    }
    Loan* const loan = this->loan();
    if (loan == nullptr) {
        return false;
    }
    const std::uint32_t begin = inbound().range().offset;
    loan->begin = std::min(loan->begin, begin);
    loan->end = std::max(loan->end, begin + frame.bounds.message_length);
    out = stash_.fresh();
    attach_loan(*out, *loan, message, *address);
    out->data_off = static_cast<std::uint16_t>(frame.bounds.data_offset);
    out->data_len = static_cast<std::uint16_t>(frame.bounds.data_length);
    out->pkt_len = frame.bounds.data_length;
    describe(*out, frame.info);
    counters_[RxCount::kLent].add();
    return true;
}

/// That of the packet at the front; nullptr when too much is lent already.
Loan* RxQueue::loan() noexcept {
    if (Loan* const begun = inbound().front_loan(); begun != nullptr) {
        return has_room_for_mbuf(*begun) ? begun : nullptr;
    }
    Loan* const fresh = inbound().lend_front();
    if (fresh != nullptr) {
        begin_loan(*fresh);
    }
    return fresh;
}

/// One message of a packet that the host put together; or a packet of its own in between, which
/// ends that one.
RxQueue::Taken RxQueue::take_fragment(const DecodedFrame& frame, base::Bytes data,
                                      rte_mbuf*& out) noexcept {
    const std::uint8_t flags = fragment_flags(frame.info);
    const bool first = (flags & wire::kPacketIdFirst) != 0;
    if (chain_.head != nullptr && (flags == 0 || first)) {
        drop_chain();  // its end never came
        return flags == 0 ? take_whole(frame, data, out) : take_fragment(frame, data, out);
    }
    const std::uint32_t mbufs = mbufs_for(data.size() + kTag);
    if (!options_.coalesced || mbufs > MbufStash::kSize || !continues(first, data.size())) {
        drop_chain();
        return Taken::kNothing;
    }
    if (!stash_.have(mbufs)) {
        return Taken::kNoMbuf;
    }
    if (first) {
        chain_ = {.head = start_frame(frame.info, data), .info = frame.info};
        chain_.tail = chain_.head;
    }
    chain_.tail = append(*chain_.head, *chain_.tail, data);
    ++chain_.fragments;
    if ((flags & wire::kPacketIdLast) == 0) {
        if (ends_packet(frame)) {
            drop_chain();  // hosts keep the messages of one packet together
        }
        return Taken::kNothing;
    }
    out = std::exchange(chain_.head, nullptr);
    describe(*out, chain_.info);
    if (chain_.fragments > 1) {
        describe_coalesced(*out, mtu_);
    }
    return Taken::kFrame;
}

/// Whether a message of so many bytes can begin a packet, or go on with the one that was begun.
bool RxQueue::continues(bool first, std::size_t bytes) const noexcept {
    if (first) {
        return bytes >= kAddresses;
    }
    return chain_.head != nullptr && chain_.fragments < kMaxFragments &&
           chain_.head->pkt_len + bytes <= kMaxCoalescedFrame;
}

RxQueue::Taken RxQueue::refuse(RxCount reason) noexcept {
    counters_[reason].add();
    return Taken::kNothing;
}

/// Counts one packet, also one of which nothing is kept.
void RxQueue::drop_chain() noexcept {
    counters_[RxCount::kBadFragment].add();
    rte_pktmbuf_free(std::exchange(chain_.head, nullptr));
}

/// Whether behind this message nothing of its packet is left.
bool RxQueue::ends_packet(const DecodedFrame& frame) noexcept {
    const HeldRange& range = inbound().range();
    return range.last && range.length - frame.bounds.message_length < sizeof(wire::RndisPacket);
}

/// What cannot be decoded ends its range: there is no length to go on by.
void RxQueue::skip_message(base::Bytes range, codec::RndisPacketError error) noexcept {
    if (error == codec::RndisPacketError::kNotAPacket && !inbound().range().started) {
        inbound().on_control(range);  // behind frames of the same packet
    } else if (!inbound().range().started) {
        counters_[count_of(error)].add();
    }
    inbound().range_done();
}

void RxQueue::message_done(std::uint32_t length) noexcept {
    HeldRange& range = inbound().range();
    range.offset += length;
    range.length -= length;
    range.started = true;
    // A host that pads the range behind its last message leaves less than a header, or no header.
    if (range.length < sizeof(wire::RndisPacket)) {
        inbound().range_done();
    }
}

bool RxQueue::keeps_tag(const codec::PacketInfo& info) const noexcept {
    return (info.has & codec::PacketInfo::kVlan) != 0 && !settings_.vlan_strip;
}

/// A new head; with a tag to put back, that and the addresses before it are taken off `data`.
/// Requires: an mbuf in the stash, addresses where there is a tag.
rte_mbuf* RxQueue::start_frame(const codec::PacketInfo& info, base::Bytes& data) noexcept {
    rte_mbuf* mbuf = stash_.fresh();
    if (keeps_tag(info)) {
        auto* to = rte_pktmbuf_mtod(mbuf, std::byte*);
        std::memcpy(to, data.data(), kAddresses);
        put_tag(to + kAddresses, wire::vlan_to_tci(info.vlan));
        mbuf->data_len = kAddresses + kTag;
        mbuf->pkt_len = mbuf->data_len;
        data = data.subspan(kAddresses);
    }
    return mbuf;
}

/// Appends to the tail and as many segments as it takes; returns the new tail. Requires: these are
/// in the stash.
rte_mbuf* RxQueue::append(rte_mbuf& head, rte_mbuf& tail, base::Bytes data) noexcept {
    rte_mbuf* last = &tail;
    head.pkt_len += static_cast<std::uint32_t>(data.size());
    for (;;) {
        const std::size_t part = std::min<std::size_t>(data.size(), room_ - last->data_len);
        std::memcpy(rte_pktmbuf_mtod_offset(last, std::byte*, last->data_len), data.data(), part);
        last->data_len = static_cast<std::uint16_t>(last->data_len + part);
        data = data.subspan(part);
        if (data.empty()) [[likely]] {
            return last;
        }
        rte_mbuf* next = stash_.fresh();
        last->next = next;
        last = next;
        ++head.nb_segs;
    }
}

void RxQueue::describe(rte_mbuf& mbuf, const codec::PacketInfo& info) const noexcept {
    mbuf.port = mbuf_start_.port;
    if ((info.has & codec::PacketInfo::kVlan) != 0 && settings_.vlan_strip) {
        mbuf.vlan_tci = wire::vlan_to_tci(info.vlan);
        mbuf.ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    }
    if ((info.has & codec::PacketInfo::kChecksum) != 0) {
        if ((info.checksum & wire::kRxIpValueInvalid) != 0) [[unlikely]] {
            mend_ip_sum(mbuf);
        }
        mbuf.ol_flags |= verdict_flags(info.checksum) & options_.checksum_flags;
    }
    if (options_.rss_hash && (info.has & codec::PacketInfo::kHashValue) != 0) {
        mbuf.hash.rss = info.hash_value;
        mbuf.ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
    }
    mbuf.packet_type = packet_type(mbuf, settings_.packet_types);
}

std::uint32_t RxQueue::mbufs_for(std::size_t bytes) const noexcept {
    return bytes <= room_ ? 1 : static_cast<std::uint32_t>((bytes + room_ - 1) / room_);
}

std::uint32_t RxQueue::waiting() noexcept {
    if (lane_ == nullptr) {
        return 0;
    }
    const Ownership own(lane_->owner());
    if (!own || !lane_->alive()) {
        return 0;
    }
    // What lies in the ring is counted where its packets are taken apart.
    for (unsigned i = 0; i < Inbound::kBudget && inbound().backlog() < ring_size_; ++i) {
        if (!inbound().take_packet()) {
            break;
        }
    }
    return std::min<std::uint32_t>(inbound().backlog(), ring_size_);
}

int RxQueue::descriptor_status(std::uint16_t offset) noexcept {
    if (offset >= ring_size_) {
        return -EINVAL;
    }
    return offset < waiting() ? RTE_ETH_RX_DESC_DONE : RTE_ETH_RX_DESC_AVAIL;
}

}  // namespace vmbus::netvsc
