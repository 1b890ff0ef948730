#include "host/tx_path.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/copy.hpp"
#include "base/prefetch.hpp"
#include "host/checksum.hpp"
#include "host/vlan_tag.hpp"

namespace vmbus::host {
namespace {

/// Checksums or a tag are to be filled in.
bool wants_edit(const codec::PacketInfo& info) noexcept {
    return (info.has & codec::PacketInfo::kVlan) != 0 ||
           ((info.has & codec::PacketInfo::kChecksum) != 0 && info.checksum != 0);
}

}  // namespace

TxPath::TxPath(SendBuffer& send, Outbox& outbox, RndisServer& rndis, const NvspServer& nvsp,
               Port& port, GuestMemory& memory, const bool& link_up, bool takes_control,
               ViolationLog& violations, Counters& counters)
    : send_(send),
      outbox_(outbox),
      rndis_(rndis),
      nvsp_(nvsp),
      port_(port),
      memory_(memory),
      link_up_(link_up),
      takes_control_(takes_control),
      violations_(violations),
      counters_(counters),
      arena_(new std::byte[kArenaBytes]),
      segments_(new std::byte[kSegmentArenaBytes]) {}

void TxPath::handle(const ring::PacketView& view,
                    const wire::NvspSendRndisPacket& message) noexcept {
    if (!view.completion_requested()) {
        // Nothing could tell the guest when its bytes are free again.
        refuse(Violation::kMissingCompletionFlag, base::bytes_of(message));
        counters_.drop(Drop::kTxRefused);
        return;
    }
    if (kFrames - count_ < kMaxFramesPerMessage || kArenaBytes - arena_used_ < kArenaPerMessage) {
        transmit();
    }
    std::uint32_t section = wire::kNoSendSection;
    const bool carried = carry(view, message, section);
    counters_.tx_failures += carried ? 0 : 1;
    outbox_.complete_rndis(view.transaction_id(),
                           carried ? wire::NvspStatus::kSuccess : wire::NvspStatus::kFailure,
                           section);
}

void TxPath::expect(const ring::PacketView& view) const noexcept {
    // The guest's core wrote these lines last: they come together, while another message is taken
    // apart, not one after the other as they are read.
    const auto message = view.payload<wire::NvspSendRndisPacket>();
    if (message && message->type == static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacket)) {
        base::prefetch_to_read(
            send_.glance(message->send_section_index, message->send_section_length));
    }
}

bool TxPath::carry(const ring::PacketView& view, const wire::NvspSendRndisPacket& message,
                   std::uint32_t& section) noexcept {
    const auto data = locate(view, message, section);
    if (!data) {
        return false;
    }
    if (tap_ != nullptr) {
        tap_->points_to(*data);
    }
    const auto header = base::try_load<wire::RndisHeader>(*data);
    if (!header) {
        return refuse(Violation::kRndisShort, *data);
    }
    return header->type == static_cast<std::uint32_t>(wire::RndisType::kPacket) ? frames(*data)
                                                                                : control(*data);
}

bool TxPath::refuse(Violation violation, base::Bytes offending) noexcept {
    violations_.record(violation, offending);
    return false;
}

/// The external data of a message as contiguous bytes: the section in place, or everything copied.
std::optional<base::Bytes> TxPath::locate(const ring::PacketView& view,
                                          const wire::NvspSendRndisPacket& message,
                                          std::uint32_t& section) noexcept {
    ranges_ = 0;
    base::Bytes first;
    if (message.send_section_index != wire::kNoSendSection) {
        Violation why{};
        const auto taken = send_.take(message.send_section_index, message.send_section_length, why);
        if (!taken) {
            refuse(why, base::bytes_of(message));
            return std::nullopt;
        }
        first = *taken;
        section = message.send_section_index;
    }
    if (view.type() == wire::PacketType::kGpaDirect) {
        return gather(view, first);
    }
    if (first.empty()) {
        refuse(Violation::kNoExternalData, base::bytes_of(message));
        return std::nullopt;
    }
    ++counters_.tx_by_section;
    return first;
}

/// Copies the section's bytes, then the pages'.
std::optional<base::Bytes> TxPath::gather(const ring::PacketView& view,
                                          base::Bytes first) noexcept {
    const auto list =
        base::MutableBytes(list_).first(std::min<std::size_t>(view.gpa_list_size(), list_.size()));
    view.copy_gpa_list(0, list);
    const auto parsed = ring::parse_gpa_list(list, view.range_count(), spans_);
    if (parsed.error != ring::GpaListError::kNone) {
        refuse(Violation::kBadGpaList, list);
        return std::nullopt;
    }
    if (parsed.bytes > kMaxMessageBytes - first.size()) {
        refuse(Violation::kMessageTooLarge, list);
        return std::nullopt;
    }
    const auto data = allocate(first.size() + parsed.bytes);
    std::copy(first.begin(), first.end(), data.begin());
    if (!memory_.gather(std::span(spans_).first(parsed.spans), data.subspan(first.size()))) {
        refuse(Violation::kGpaOutsideMemory, list);
        return std::nullopt;
    }
    note_range_ends(view.range_count(), static_cast<std::uint32_t>(first.size()));
    ++(first.empty() ? counters_.tx_by_gpa : counters_.tx_by_both);
    return data;
}

/// Where one range ends and the next begins, counted in the gathered bytes. The list was parsed:
/// it is whole.
void TxPath::note_range_ends(std::uint32_t range_count, std::uint32_t first) noexcept {
    std::uint32_t end = first;
    if (first > 0) {
        range_ends_[ranges_++] = end;
    }
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < range_count; ++i) {
        const auto range = base::load_at<wire::GpaRangeHeader>(list_, at);
        at += sizeof range +
              ring::pages_of(range.byte_offset, range.byte_count) * sizeof(std::uint64_t);
        end += range.byte_count;
        range_ends_[ranges_++] = end;
    }
}

base::MutableBytes TxPath::allocate(std::size_t bytes) noexcept {
    const base::MutableBytes piece(arena_.get() + arena_used_, bytes);
    arena_used_ += bytes;
    return piece;
}

bool TxPath::control(base::Bytes data) noexcept {
    if (!takes_control_) {
        return refuse(Violation::kControlOnSubChannel, data);
    }
    if (data.size() > wire::kMaxRndisControl) {
        return refuse(Violation::kControlTooLarge, data);
    }
    // A private copy: the server looks at fields more than once.
    std::array<std::byte, wire::kMaxRndisControl> copy;
    std::copy(data.begin(), data.end(), copy.begin());
    return rndis_.handle(base::Bytes(copy).first(data.size()));
}

bool TxPath::frames(base::Bytes data) noexcept {
    if (!rndis_.initialised()) {
        counters_.drop(Drop::kTxRefused);
        return refuse(Violation::kDataBeforeInitialize, data);
    }
    const std::size_t count_before = count_;
    const std::size_t large_before = large_count_;
    std::size_t messages = 0;
    if (!take_all(data, messages)) {
        count_ = count_before;
        large_count_ = large_before;
        counters_.drop(Drop::kTxRefused, messages + 1);
        return false;
    }
    if (messages > kMaxPacketsPerMessage) {
        violations_.record(Violation::kTooManyPackets, data);
    }
    ++counters_.tx_frames_per_message[std::min<std::size_t>(messages, 9) - 1];
    return true;
}

/// `taken` counts the messages that were in order.
bool TxPath::take_all(base::Bytes data, std::size_t& taken) noexcept {
    const std::uint32_t mtu = rndis_.mtu();
    for (std::size_t at = 0; at < data.size();) {
        const auto rest = data.subspan(at);
        Packet packet;
        if (!parse(rest, at, packet)) {
            return false;
        }
        if (taken == kMaxFramesPerMessage) {
            return refuse(Violation::kTooManyPackets, rest);
        }
        if (!take(rest, packet, mtu)) {
            return false;
        }
        ++taken;
        at += packet.bounds.message_length;
    }
    return true;
}

[[gnu::always_inline]] inline bool TxPath::parse(base::Bytes rest, std::size_t offset,
                                                 Packet& packet) noexcept {
    using codec::RndisPacketError;
    wire::RndisPacket header;
    if (rest.size() < sizeof header) {
        return refuse(Violation::kRndisShort, rest);
    }
    // The guest may change a section while it is looked at: what is checked is the copy.
    base::copy_foreign(reinterpret_cast<std::byte*>(&header), rest.data(), sizeof header);
    auto error =
        codec::parse_packet_header(header, static_cast<std::uint32_t>(rest.size()), packet.bounds);
    if (error == RndisPacketError::kNone && packet.bounds.ppi_length > kMaxPpiBytes) {
        error = RndisPacketError::kBadPpiArea;
    }
    if (error == RndisPacketError::kNone && packet.bounds.ppi_length > 0) {
        std::array<std::byte, kMaxPpiBytes> ppis;
        const auto area = base::MutableBytes(ppis).first(packet.bounds.ppi_length);
        base::copy_foreign(area.data(), rest.data() + packet.bounds.ppi_offset, area.size());
        error = codec::parse_packet_info(area, packet.info);
    }
    if (error != RndisPacketError::kNone) {
        return refuse(violation_of(error), rest);
    }
    return ranges_ == 0 || in_one_range(offset, packet.bounds) ||
           refuse(Violation::kRndisHeaderAcrossRanges, rest);
}

/// Hosts map the header and the per-packet info of a message through a single range.
bool TxPath::in_one_range(std::size_t start, const codec::PacketBounds& bounds) const noexcept {
    const std::size_t end = start + std::max<std::size_t>(sizeof(wire::RndisPacket),
                                                          bounds.ppi_offset + bounds.ppi_length);
    return std::none_of(range_ends_.begin(),
                        range_ends_.begin() + static_cast<std::ptrdiff_t>(ranges_),
                        [&](std::uint32_t cut) { return start < cut && cut < end; });
}

inline bool TxPath::take(base::Bytes message, const Packet& packet, std::uint32_t mtu) noexcept {
    base::Bytes frame = message.subspan(packet.bounds.data_offset, packet.bounds.data_length);
    if (frame.size() < kEthernetBytes) {
        return refuse(Violation::kUndersizedFrame, message);
    }
    if ((packet.info.has & codec::PacketInfo::kLso) != 0) {
        return take_large(message, frame, packet.info);
    }
    const std::size_t untagged = frame.size() - (is_tagged(frame) ? kTagBytes : 0);
    if (untagged > nvsp_.mtu()) {
        return refuse(Violation::kOversizedFrame, message);
    }
    if (wants_edit(packet.info) && !edit(frame, packet.info)) {
        return refuse(Violation::kBadChecksumRequest, message);
    }
    if (untagged > mtu) {
        counters_.drop(Drop::kTxAboveMtu);
        return true;
    }
    frames_[count_++] = {frame};
    return true;
}

/// Only checks it and keeps its place among the frames: it is cut when all is handed over, since a
/// message that is refused later has sent nothing.
bool TxPath::take_large(base::Bytes message, base::Bytes frame,
                        const codec::PacketInfo& info) noexcept {
    if (!rndis_.offers_lso()) {
        return refuse(Violation::kLsoNotOffered, message);
    }
    Large large{.position = count_, .plan = {}, .tag = {}};
    const auto room = allocate(std::min(frame.size(), LargeSend::kMaxHeaderBytes));
    if (!plan_large_send(frame, info.lso, room, large.plan)) {
        return refuse(Violation::kBadLsoRequest, message);
    }
    if (large.plan.longest_frame() > nvsp_.mtu()) {
        return refuse(Violation::kOversizedFrame, message);
    }
    if (large.plan.payload.size() > kLsoMaxBytes) {
        violations_.record(Violation::kLsoTooLarge, message);
    }
    if (large.plan.longest_frame() > rndis_.mtu()) {
        counters_.drop(Drop::kTxAboveMtu);
        return true;
    }
    if ((info.has & codec::PacketInfo::kVlan) != 0) {
        large.tag = wire::vlan_to_tci(info.vlan);
        ++counters_.tx_vlan_tags;
    }
    large_[large_count_++] = large;
    frames_[count_++] = {};
    return true;
}

/// Fills in checksums and the VLAN tag, in a copy. Requires: wants_edit(info).
bool TxPath::edit(base::Bytes& frame, const codec::PacketInfo& info) noexcept {
    const bool tag = (info.has & codec::PacketInfo::kVlan) != 0;
    const bool sums = (info.has & codec::PacketInfo::kChecksum) != 0 && info.checksum != 0;
    const auto copy = allocate(frame.size() + kTagBytes);
    const auto body = copy.subspan(kTagBytes);
    std::memcpy(body.data(), frame.data(), frame.size());
    if (sums && !complete_checksums(body, info.checksum)) {
        return false;
    }
    frame = body;
    if (tag) {
        insert_tag(copy, wire::vlan_to_tci(info.vlan));
        ++counters_.tx_vlan_tags;
        frame = copy;
    }
    return true;
}

void TxPath::transmit() noexcept {
    if (count_ > 0 && link_up_) {
        std::size_t from = 0;
        for (const Large& large : std::span(large_).first(large_count_)) {
            hand_over(std::span<const Frame>(frames_).subspan(from, large.position - from));
            cut(large);
            from = large.position + 1;
        }
        hand_over(std::span<const Frame>(frames_).subspan(from, count_ - from));
    } else {
        counters_.drop(Drop::kTxLinkDown, count_);
    }
    count_ = 0;
    large_count_ = 0;
    arena_used_ = 0;
}

void TxPath::hand_over(std::span<const Frame> frames) noexcept {
    if (frames.empty()) {
        return;
    }
    port_.transmit(frames);
    KindTally tally(counters_.tx_by_kind);
    for (const Frame& frame : frames) {
        tally.count(frame.bytes);
    }
    counters_.tx_packets += frames.size();
    counters_.tx_bytes += tally.finish();
}

void TxPath::cut(const Large& large) noexcept {
    const base::MutableBytes room(segments_.get(), kSegmentArenaBytes);
    const std::size_t each = large.plan.longest_frame() + kTagBytes;
    std::array<Frame, kSegmentsAtOnce> frames;
    std::size_t count = 0;
    for (std::size_t i = 0; i < large.plan.segments(); ++i) {
        const auto place = room.subspan(count * each, each);
        const std::size_t bytes = write_segment(large.plan, i, place.subspan(kTagBytes));
        if (large.tag) {
            insert_tag(place.first(bytes + kTagBytes), *large.tag);
            frames[count++] = {place.first(bytes + kTagBytes)};
        } else {
            frames[count++] = {place.subspan(kTagBytes, bytes)};
        }
        if (count == frames.size() || (count + 1) * each > room.size()) {
            hand_over(std::span<const Frame>(frames).first(count));
            count = 0;
        }
    }
    hand_over(std::span<const Frame>(frames).first(count));
    ++counters_.tx_large_sends;
    counters_.tx_segments += large.plan.segments();
}

}  // namespace vmbus::host
