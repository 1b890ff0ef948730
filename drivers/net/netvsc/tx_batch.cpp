#include "net/netvsc/tx_batch.hpp"

#include <algorithm>
#include <cstring>

#include "base/copy.hpp"
#include "base/prefetch.hpp"
#include "net/netvsc/tx_info.hpp"
#include "ring/gpa_list.hpp"

namespace vmbus::netvsc {
namespace {

/// Copies the first `segments` of a packet one after another, from byte `from` of the first one on.
/// Requires: they fit.
void copy_segments(const rte_mbuf& mbuf, std::uint32_t from, std::uint32_t segments,
                   base::MutableBytes to) noexcept {
    const rte_mbuf* segment = &mbuf;
    for (; segments != 0 && segment != nullptr; --segments, segment = segment->next) {
        const std::size_t length = segment->data_len - from;
        base::copy(to.data(), rte_pktmbuf_mtod_offset(segment, const std::byte*, from), length);
        to = to.subspan(length);
        from = 0;
    }
}

/// As the host is to see the frame: without the tag that travels in an info.
void copy_frame(const rte_mbuf& mbuf, bool without_tag, base::MutableBytes to,
                std::uint32_t segments = UINT32_MAX) noexcept {
    if (without_tag) [[unlikely]] {
        std::memcpy(to.data(), rte_pktmbuf_mtod(&mbuf, const std::byte*), kAddressBytes);
        copy_segments(mbuf, kAddressBytes + kTagBytes, segments, to.subspan(kAddressBytes));
    } else {
        copy_segments(mbuf, 0, segments, to);
    }
}

/// What tx_info_of() looks at.
constexpr std::uint64_t kAsking =
    RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK;

/// One segment of 1 to `max_bytes` bytes, of which nothing is said.
bool is_usual(const rte_mbuf& mbuf, std::uint32_t max_bytes) noexcept {
    return (mbuf.ol_flags & kAsking) == 0 && mbuf.nb_segs == 1 && mbuf.data_len == mbuf.pkt_len &&
           mbuf.pkt_len - 1U < max_bytes;
}

/// Frees packets that lie in one piece each; those that follow each other and are of one pool, at
/// once.
void free_packets(rte_mbuf** packets, unsigned count) noexcept {
    std::array<void*, TxQueue::kMaxBatch> same;
    rte_mempool* pool = nullptr;
    unsigned held = 0;
    for (unsigned i = 0; i < count; ++i) {
        if (packets[i]->next != nullptr) [[unlikely]] {
            rte_pktmbuf_free(packets[i]);
            continue;
        }
        rte_mbuf* const mbuf = rte_pktmbuf_prefree_seg(packets[i]);
        if (mbuf == nullptr) [[unlikely]] {
            continue;  // somebody else has it too
        }
        if (mbuf->pool != pool) [[unlikely]] {
            if (held != 0) {
                rte_mempool_put_bulk(pool, same.data(), held);
            }
            pool = mbuf->pool;
            held = 0;
        }
        same[held++] = mbuf;
    }
    if (held != 0) [[likely]] {
        rte_mempool_put_bulk(pool, same.data(), held);
    }
}

bool segments_add_up(const rte_mbuf& mbuf) noexcept {
    std::uint64_t sum = 0;
    for (const rte_mbuf* segment = &mbuf; segment != nullptr; segment = segment->next) {
        sum += segment->data_len;
    }
    return sum == mbuf.pkt_len;
}

/// Where the bytes of a packet are, for the host.
struct PageList {
    /// Appends a range of a segment. False when its address is unknown or there is no room.
    bool append(const rte_mbuf& segment, std::uint32_t from, std::uint32_t length,
                std::uint32_t max_ranges) noexcept {
        if (length == 0) {
            return true;
        }
        const rte_iova_t buffer = rte_mbuf_iova_get(&segment);
        if (buffer == 0 || buffer == RTE_BAD_IOVA || ranges == max_ranges) {
            return false;
        }
        const std::size_t written =
            ring::append_gpa_range(area, used, buffer + segment.data_off + from, length);
        used += written;
        ++ranges;
        return written != 0;
    }

    base::MutableBytes area;
    std::size_t used = sizeof(wire::GpaDirectHeader);
    std::uint32_t ranges = 0;
};

}  // namespace

bool TxQueue::Batch::slot_free() const noexcept {
    return slots_.available() != 0 && slots_.outstanding() < queue_.ring_size_;
}

bool TxQueue::Batch::open_section() noexcept {
    section_.reset();
    const auto id = open_message({});
    if (id) {
        section_.emplace(slots_.section(*id), queue_.limits_);
        fetch_upcoming();
    }
    return id.has_value();
}

/// The host's core had the lines of a free section last, and to get them here takes longer than to
/// fill them: those of the next one come while this one is filled. No more than the section before
/// had: no line is taken from the host that is not written.
void TxQueue::Batch::fetch_upcoming() noexcept {
    const base::Bytes next = slots_.upcoming_section();
    base::prefetch_to_write(next.first(std::min(next.size(), queue_.fetched_bytes_)));
}

void TxQueue::Batch::note_section() noexcept {
    Message& message = message_[messages_ - 1];
    message.section_bytes = section_->bytes();
    message.packets = static_cast<std::uint16_t>(section_->packets());
}

std::uint16_t TxQueue::Batch::add_usual(std::uint16_t count) noexcept {
    std::uint16_t added = 0;
    while (added < count && is_usual(*packets_[count_], queue_.usual_bytes_) &&
           ((section_ && section_->fits(0, packets_[count_]->pkt_len)) || open_section())) {
        // A copy, of which nobody has the address, lives in registers.
        SectionWriter section = *section_;
        std::uint64_t bytes = 0;
        std::uint16_t last = count_;
        const auto end = static_cast<std::uint16_t>(count_ + count - added);
        do {
            const rte_mbuf& mbuf = *packets_[last];
            const std::uint32_t length = mbuf.pkt_len;
            base::copy(section.append({}, length).data(), rte_pktmbuf_mtod(&mbuf, const std::byte*),
                       length);
            fates_[last++] = Fate::kCopied;
            bytes += length;
        } while (last < end && is_usual(*packets_[last], queue_.usual_bytes_) &&
                 section.fits(0, packets_[last]->pkt_len));
        section_ = section;
        note_section();
        usual_bytes_ += bytes;
        added = static_cast<std::uint16_t>(added + last - count_);
        count_ = last;
    }
    usual_ = static_cast<std::uint16_t>(usual_ + added);
    return added;
}

bool TxQueue::Batch::add() noexcept {
    rte_mbuf& mbuf = *packets_[count_];
    if (mbuf.pkt_len == 0 || !segments_add_up(mbuf)) [[unlikely]] {
        fates_[count_++] = Fate::kEmpty;
        return true;
    }
    const TxInfo tx = tx_info_of(mbuf);
    const std::uint32_t length = mbuf.pkt_len - (tx.tag_moves ? kTagBytes : 0);
    const bool copyable = length <= queue_.limits_.bytes &&
                          queue_.limits_.bytes - length >= codec::packet_head_bytes(tx.info.has);
    if (copyable && length <= queue_.options_.copybreak) [[likely]] {
        return add_copied(mbuf, tx, length);
    }
    if (queue_.options_.addresses_known) {
        if (const Pages pages = list_pages(mbuf, tx); pages.list_bytes != 0) {
            return add_direct(mbuf, tx, length, pages);
        }
    }
    if (copyable) {
        return add_copied(mbuf, tx, length);
    }
    fates_[count_++] = Fate::kTooLong;
    return true;
}

bool TxQueue::Batch::add_copied(const rte_mbuf& mbuf, const TxInfo& tx,
                                std::uint32_t length) noexcept {
    if ((!section_ || !section_->fits(tx.info.has, length)) && !open_section()) {
        return false;
    }
    // add() has seen that the segments add up.
    copy_frame(mbuf, tx.tag_moves, section_->append(tx.info, length));
    note_section();
    fates_[count_++] = Fate::kCopied;
    return true;
}

bool TxQueue::Batch::add_direct(rte_mbuf& mbuf, const TxInfo& tx, std::uint32_t length,
                                const Pages& pages) noexcept {
    section_.reset();
    const auto id = open_message({.held = &mbuf});
    if (!id) {
        return false;
    }
    SectionWriter head(slots_.section(*id), queue_.limits_);
    const auto room = head.append_head(tx.info, length, pages.copied_bytes);
    if (pages.copied_segments != 0) {
        copy_frame(mbuf, tx.tag_moves, room, pages.copied_segments);
    }
    Message& message = message_[messages_ - 1];
    message.section_bytes = head.bytes();
    message.list_at = static_cast<std::uint16_t>(lists_used_);
    message.list_bytes = static_cast<std::uint16_t>(pages.list_bytes);
    message.packets = 1;
    lists_used_ += pages.list_bytes;
    fates_[count_++] = Fate::kHeld;
    return true;
}

/// Where a packet has more segments than a host takes ranges: the first ones, copied behind the
/// header. Nothing when they are more than the section holds.
std::optional<TxQueue::Batch::Pages> TxQueue::Batch::choose_copied(
    const rte_mbuf& mbuf, const TxInfo& tx) const noexcept {
    Pages pages;
    if (mbuf.nb_segs + (tx.tag_moves ? 1U : 0U) <= kMaxRanges) [[likely]] {
        return pages;
    }
    const rte_mbuf* segment = &mbuf;
    for (std::uint32_t left = mbuf.nb_segs; left >= kMaxRanges && segment != nullptr; --left) {
        pages.copied_bytes += segment->data_len;
        ++pages.copied_segments;
        segment = segment->next;
    }
    pages.copied_bytes -= tx.tag_moves ? kTagBytes : 0;
    const bool fits =
        pages.copied_bytes + codec::packet_head_bytes(tx.info.has) <= queue_.limits_.bytes;
    return fits ? std::optional(pages) : std::nullopt;
}

/// One range for each segment that is not copied; two for a first one that loses its tag. No bytes
/// when an address is unknown or there are too many.
TxQueue::Batch::Pages TxQueue::Batch::list_pages(const rte_mbuf& mbuf, const TxInfo& tx) noexcept {
    std::optional<Pages> pages = choose_copied(mbuf, tx);
    if (!pages) [[unlikely]] {
        return {};
    }
    PageList list{.area = base::MutableBytes(lists_).subspan(lists_used_, kMaxListBytes)};
    const rte_mbuf* segment = &mbuf;
    std::uint32_t from = 0;
    if (tx.tag_moves && pages->copied_segments == 0) {
        from = kAddressBytes + kTagBytes;
        if (!list.append(mbuf, 0, kAddressBytes, kMaxRanges)) {
            return {};
        }
    }
    for (std::uint32_t i = 0; segment != nullptr; ++i, segment = segment->next, from = 0) {
        if (i >= pages->copied_segments &&
            !list.append(*segment, from, segment->data_len - from, kMaxRanges)) {
            return {};
        }
    }
    base::store_at(list.area, 0, wire::GpaDirectHeader{.reserved = 0, .range_count = list.ranges});
    pages->list_bytes = list.ranges == 0 ? 0 : list.used;
    return *pages;
}

std::optional<std::uint64_t> TxQueue::Batch::open_message(const TxSlot& slot) noexcept {
    const auto id = slot_free() ? slots_.begin(slot) : std::nullopt;
    if (id) {
        message_[messages_++] = {.id = *id,
                                 .section_bytes = 0,
                                 .packets = 0,
                                 .first_packet = count_,
                                 .list_at = 0,
                                 .list_bytes = 0};
    }
    return id;
}

std::uint16_t TxQueue::Batch::commit(bool& signal) noexcept {
    const std::size_t sent = publish(signal);
    const std::uint16_t accepted = sent == messages_ ? count_ : message_[sent].first_packet;
    undo_from(sent);
    if (accepted == usual_ && accepted == count_) [[likely]] {
        settle_copied();
    } else {
        settle(accepted);
    }
    queue_.counters_[TxCount::kMessages].add(sent);
    return accepted;
}

/// Returns how many messages the ring has taken.
std::size_t TxQueue::Batch::publish(bool& signal) noexcept {
    if (messages_ == 0) {
        return 0;
    }
    queue_.fetched_bytes_ = message_[0].section_bytes;
    std::array<std::uint32_t, kMaxPackets> sizes;
    for (std::size_t i = 0; i < messages_; ++i) {
        sizes[i] = ring::packet_bytes(message_[i].list_bytes, wire::kNvspGuestMessageBytes);
    }
    auto& tx = queue_.line_->lane->channel().tx();
    ring::Reservation place;
    std::size_t count = 0;
    const auto status = tx.reserve_prefix(std::span(sizes).first(messages_), place, count);
    if (status != ring::ReserveStatus::kOk) {
        if (status == ring::ReserveStatus::kBadIndex) {
            queue_.line_->lane->inbound().fail_read_index();
        }
        return 0;
    }
    auto filler = tx.fill(place);
    for (std::size_t i = 0; i < count; ++i) {
        slots_.set_packets(message_[i].id, message_[i].packets);
        write(filler, message_[i]);
    }
    signal |= tx.publish(place);
    return count;
}

void TxQueue::Batch::write(ring::Filler<ring::MappedRing>& filler,
                           const Message& message) noexcept {
    const codec::NvspBytes envelope = codec::encode_nvsp(wire::NvspSendRndisPacket{
        .type = static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacket),
        .channel_type = wire::kNvspChannelData,
        .send_section_index = slots_.section_index(message.id),
        .send_section_length = message.section_bytes});
    const base::Bytes list = base::Bytes(lists_).subspan(message.list_at, message.list_bytes);
    filler.put({.type = list.empty() ? wire::PacketType::kInBand : wire::PacketType::kGpaDirect,
                .completion_requested = true,
                .transaction_id = message.id,
                .header = list,
                .payload = envelope});
}

void TxQueue::Batch::undo_from(std::size_t first) noexcept {
    for (std::size_t i = first; i < messages_; ++i) {
        slots_.complete(message_[i].id);
    }
}

/// What settle() does, where all packets were usual and are sent.
void TxQueue::Batch::settle_copied() noexcept {
    auto& counters = queue_.counters_;
    counters[TxCount::kPackets].add(count_);
    counters[TxCount::kBytes].add(usual_bytes_);
    counters[TxCount::kCopied].add(count_);
    if (queue_.options_.count_frames) [[unlikely]] {
        queue_.frames.add(packets_, count_);
    }
    free_packets(packets_, count_);
}

/// Frees what is ours now and not held for the host, and counts.
void TxQueue::Batch::settle(std::uint16_t accepted) noexcept {
    std::array<rte_mbuf*, kMaxPackets> done;
    unsigned done_count = 0;
    std::array<std::uint16_t, 4> by_fate{};
    std::uint64_t bytes = 0;
    for (std::uint16_t i = 0; i < accepted; ++i) {
        const Fate fate = fates_[i];
        ++by_fate[static_cast<std::size_t>(fate)];
        if (fate == Fate::kCopied || fate == Fate::kHeld) {
            bytes += packets_[i]->pkt_len;
            if (queue_.options_.count_frames) [[unlikely]] {
                queue_.frames.add(*packets_[i]);
            }
        }
        if (fate != Fate::kHeld) {
            done[done_count++] = packets_[i];
        }
    }
    const auto of = [&by_fate](Fate fate) { return by_fate[static_cast<std::size_t>(fate)]; };
    auto& counters = queue_.counters_;
    counters[TxCount::kPackets].add(of(Fate::kCopied) + std::uint64_t{of(Fate::kHeld)});
    counters[TxCount::kBytes].add(bytes);
    counters[TxCount::kCopied].add(of(Fate::kCopied));
    counters[TxCount::kDirect].add(of(Fate::kHeld));
    if (of(Fate::kEmpty) + of(Fate::kTooLong) != 0) [[unlikely]] {
        counters[TxCount::kEmpty].add(of(Fate::kEmpty));
        counters[TxCount::kTooLong].add(of(Fate::kTooLong));
    }
    free_packets(done.data(), done_count);
}

}  // namespace vmbus::netvsc
