#include "net/netvsc/inbound.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "codec/rndis_codec.hpp"

namespace vmbus::netvsc {
namespace {

/// Acks that are written with one reservation.
constexpr std::size_t kAckBatch = 64;
/// Ranges that are copied out of the ring at once.
constexpr std::uint32_t kRangesAtOnce = 64;
/// Packets that a lane may lend at once.
constexpr std::uint32_t kMostLoans = 4096;
/// Link speeds come in units of 100 bit/s.
constexpr std::uint32_t kSpeedUnitsPerMbps = 10000;

constexpr RingCount count_of(ring::PacketError error) noexcept {
    return static_cast<RingCount>(static_cast<unsigned>(error) - 1);
}
static_assert(count_of(ring::PacketError::kShortData) == RingCount::kShortData);
static_assert(count_of(ring::PacketError::kBadIndex) == RingCount::kBadIndex,
              "the two lists name the same errors in the same order");

}  // namespace

bool Inbound::set_receive_buffer(base::Bytes buffer, codec::ReceiveLayout layout,
                                 std::uint32_t backlog) noexcept {
    layout_ = layout;
    buffer_ = buffer.first(std::size_t{layout.sub_allocation_size} * layout.count);
    ranges_ = FlatQueue<HeldRange>(backlog + kMinRoom);
    acks_ = FlatQueue<Ack>(backlog + kMinRoom);
    held_ = HeldIds(layout.count);
    return ranges_.room() != 0 && acks_.room() != 0;
}

bool Inbound::take_packet() noexcept {
    // Each packet in the backlog will need an ack, so room for those is spoken for.
    if (ranges_.room() < kMinRoom || acks_.room() <= ranges_.size()) {
        return false;
    }
    ring::Reader& reader = channel_.rx();
    ring::PacketView view;
    if (!reader.poll() || !reader.next(view)) [[unlikely]] {
        if (reader.error() != ring::PacketError::kNone) {
            fail(reader.error());
        }
        return false;
    }
    switch (view.type()) {
        case wire::PacketType::kTransferPages: on_transfer(view); break;
        case wire::PacketType::kCompletion: on_completion(view); break;
        case wire::PacketType::kInBand: on_in_band(view); break;
        case wire::PacketType::kGpaDirect:
            counters_[RingCount::kGpaDirect].add();
            health_.fail(Health::kBroken);
            attention_();
            return false;
    }
    return true;
}

bool Inbound::allow_loans(std::uint16_t lanes, Loans::Release release) noexcept {
    if (loans_ == nullptr) {
        const std::uint32_t pieces = layout_.count / 2 / lanes;
        loans_ = Loans::create(std::clamp(pieces, 1U, kMostLoans), pieces, release);
    }
    return loans_ != nullptr;
}

Loan* Inbound::lend_front() noexcept {
    const HeldRange& range = ranges_.front();
    // A packet that the host does not want back, or whose id is not watched, may be overwritten.
    if (loans_ == nullptr || !range.wants_ack || range.packet_id >= layout_.count) {
        return nullptr;
    }
    front_loan_ = loans_->lend(range.packet_id, range.pieces);
    return front_loan_;
}

Loans* Inbound::release_loans() noexcept {
    if (front_loan_ != nullptr) {
        loans_->settle(*std::exchange(front_loan_, nullptr));
    }
    return std::exchange(loans_, nullptr);
}

void Inbound::collect_loans() noexcept {
    // Room for the acks of the backlog is spoken for.
    const std::uint32_t room = acks_.room() - std::min(acks_.room(), ranges_.size());
    loans_->collect(
        room, [this](std::uint64_t id, std::uint32_t pieces) { give_back(id, true, pieces); });
}

void Inbound::finish(std::uint32_t least_acks) noexcept {
    if (loans_ != nullptr) {
        collect_loans();
    }
    bool signal = channel_.rx().release();
    if (acks_.size() >= least_acks) {
        signal |= send_acks();
    }
    channel_.ring_if(signal);
}

void Inbound::discard_ranges() noexcept {
    counters_[RingCount::kUnclaimed].add(ranges_.size());
    while (has_range()) {
        range_done();
    }
}

void Inbound::on_completion(const ring::PacketView& view) noexcept {
    const std::uint64_t id = view.transaction_id();
    const auto space = static_cast<std::uint16_t>(id >> 48);
    const auto queue = static_cast<std::uint16_t>(space - kTxSpace);
    if (queue < kMaxQueues && completions_[queue] != nullptr) {
        const auto reply = view.payload<wire::NvspSendRndisPacketComplete>();
        const bool success =
            reply &&
            reply->type == static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacketComplete) &&
            reply->status == static_cast<std::uint32_t>(wire::NvspStatus::kSuccess);
        if (!completions_[queue]->put({id, success})) {
            counters_[RingCount::kCompletionOverflow].add();
        }
        return;
    }
    const std::size_t size = std::min<std::size_t>(view.payload_size(), scratch_.size());
    const base::MutableBytes payload = base::MutableBytes(scratch_).first(size);
    if (space != kControlSpace || !view.copy_payload(0, payload) ||
        !mailbox_.on_completion(id, payload)) {
        counters_[RingCount::kCompletionBadId].add();
    }
}

void Inbound::on_in_band(const ring::PacketView& view) noexcept {
    const auto header = view.payload<wire::NvspHeader>();
    const bool expected = header && role_ == Role::kPrimary;
    switch (expected ? static_cast<wire::NvspType>(header->type) : wire::NvspType{}) {
        case wire::NvspType::kSendVfAssociation: on_vf_association(view); break;
        case wire::NvspType::kSwitchDataPath: on_switch_path(view); break;
        case wire::NvspType::kSendIndirectionTable: on_send_table(view); break;
        default: counters_[RingCount::kInBandUnknown].add(); break;
    }
    if (view.completion_requested()) {
        acks_.push({view.transaction_id(), true});
    }
}

/// Taken down at any time; what it means at that time is the control thread's business.
void Inbound::on_vf_association(const ring::PacketView& view) noexcept {
    const auto message = view.payload<wire::NvspSendVfAssociation>();
    if (!message || message->allocated > 1) {
        counters_[RingCount::kVfAssociationBad].add();
        return;
    }
    counters_[RingCount::kVfAssociation].add();
    vf_news_.on_association(message->allocated != 0, message->serial_number);
    attention_();
}

/// A host may take the path back; to the VF only the guest switches.
void Inbound::on_switch_path(const ring::PacketView& view) noexcept {
    const auto message = view.payload<wire::NvspSwitchDataPath>();
    if (!message || message->active_path != wire::kSyntheticPath) {
        counters_[RingCount::kPathSwitchBad].add();
        return;
    }
    counters_[RingCount::kPathTaken].add();
    vf_news_.on_path_taken();
    attention_();
}

void Inbound::on_send_table(const ring::PacketView& view) noexcept {
    const std::size_t size = std::min<std::size_t>(view.payload_size(), scratch_.size());
    const base::MutableBytes payload = base::MutableBytes(scratch_).first(size);
    const auto table = view.copy_payload(0, payload)
                           ? codec::decode_indirection_table(payload, kMaxQueues)
                           : std::nullopt;
    counters_[table ? RingCount::kIndirectionTable : RingCount::kIndirectionTableBad].add();
    if (table) {
        send_table_ = *table;
    }
}

void Inbound::on_transfer(const ring::PacketView& view) noexcept {
    const std::uint64_t id = view.transaction_id();
    if (!check_transfer(view) || !hold_ranges(view)) {
        if (view.completion_requested()) {
            acks_.push({id, false});
        }
        return;
    }
    if (view.completion_requested() && !held_.take(id)) {
        // Giving it back twice would break the host's books, so the newcomer is forgotten.
        counters_[RingCount::kTransferIdHeld].add();
        ranges_.unpush(view.range_count());
        return;
    }
    const HeldRange newest = ranges_[ranges_.size() - 1];
    if (view.range_count() == 1 && is_control(newest)) {
        ranges_.unpush(1);
        on_control(bytes_of(newest));
        if (newest.wants_ack) {
            give_back(id, true, 1);
        }
    }
}

bool Inbound::check_transfer(const ring::PacketView& view) noexcept {
    const auto message = view.payload<wire::NvspHeader>();
    if (!message || message->type != static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacket)) {
        counters_[RingCount::kTransferBadMessage].add();
        return false;
    }
    if (view.pageset_id() != wire::kReceiveBufferId || buffer_.empty()) {
        counters_[RingCount::kTransferBadBuffer].add();
        return false;
    }
    if (view.range_count() == 0 || view.range_count() > wire::kMaxTransferRanges) {
        counters_[RingCount::kTransferBadCount].add();
        return false;
    }
    return true;
}

bool Inbound::hold_ranges(const ring::PacketView& view) noexcept {
    std::array<wire::TransferPageRange, kRangesAtOnce> some;
    const std::uint32_t count = view.range_count();
    const std::size_t buffer_size = buffer_.size();
    const std::uint32_t longest = layout_.sub_allocation_size;
    const std::uint64_t id = view.transaction_id();
    const bool wants_ack = view.completion_requested();
    const auto pieces = static_cast<std::uint16_t>(count);
    for (std::uint32_t done = 0; done < count;) {
        const std::span<HeldRange> room = ranges_.free_run();
        const std::size_t n = std::min({room.size(), some.size(), std::size_t{count - done}});
        const auto ranges = std::span(some).first(n);
        view.copy_ranges(done, ranges);
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint32_t offset = ranges[i].byte_offset;
            const std::uint32_t length = ranges[i].byte_count;
            // In the buffer, and in one piece of it: no longer than that, which is in the buffer.
            if (length == 0 || length > longest || offset > buffer_size - length) [[unlikely]] {
                counters_[RingCount::kTransferBadRange].add();
                ranges_.unpush(done);
                return false;
            }
            // Made on the spot: filled in beforehand and copied, it would be read back wider than
            // it was written, and that waits for the stores before it.
            room[i] = {.offset = offset,
                       .length = length,
                       .packet_id = id,
                       .wants_ack = wants_ack,
                       .pieces = pieces};
        }
        ranges_.add(static_cast<std::uint32_t>(n));
        done += static_cast<std::uint32_t>(n);
    }
    ranges_.back().last = true;
    return true;
}

/// Answers must reach their control thread even when nobody decodes the frames before them.
bool Inbound::is_control(const HeldRange& range) const noexcept {
    const auto header = base::try_load<wire::RndisHeader>(bytes_of(range));
    return header && header->type != static_cast<std::uint32_t>(wire::RndisType::kPacket);
}

void Inbound::on_control(base::Bytes message) noexcept {
    const std::size_t size = std::min(message.size(), scratch_.size());
    std::memcpy(scratch_.data(), message.data(), size);
    const base::Bytes copy = base::Bytes(scratch_).first(size);
    const auto header = base::try_load<wire::RndisHeader>(copy);
    if (header && header->type == static_cast<std::uint32_t>(wire::RndisType::kIndicateStatus)) {
        on_status(copy);
        return;
    }
    codec::Completion reply;
    const auto error = codec::decode_completion(copy, reply);
    if (error != codec::RndisError::kNone) {
        counters_[RingCount::kControlBad].add();
    } else if (!mailbox_.on_reply(copy, reply)) {
        counters_[RingCount::kControlUnexpected].add();
    }
}

void Inbound::on_status(base::Bytes message) noexcept {
    codec::StatusIndication indication;
    if (codec::decode_indicate_status(message, indication) != codec::RndisError::kNone) {
        counters_[RingCount::kControlBad].add();
        return;
    }
    Link now = link();
    switch (indication.status) {
        case wire::RndisStatus::kMediaConnect: now = Link::kUp; break;
        case wire::RndisStatus::kMediaDisconnect: now = Link::kDown; break;
        case wire::RndisStatus::kLinkSpeedChange:
            if (const auto speed = base::try_load<std::uint32_t>(indication.info)) {
                // relaxed: a figure; as below.
                speed_mbps_.store_relaxed(*speed / kSpeedUnitsPerMbps);
                break;
            }
            counters_[RingCount::kControlBad].add();
            return;
        case wire::RndisStatus::kOffloadCurrentConfig: return;
        default: counters_[RingCount::kStatusUnknown].add(); return;
    }
    // relaxed: a state; the interrupt thread is called after it by a lock of EAL.
    link_.store_relaxed(static_cast<std::uint32_t>(now));
    link_news_.store_relaxed(link_news_.load_relaxed() + 1);
    attention_();
}

bool Inbound::send_acks() noexcept {
    static constexpr auto kSizes = [] {
        std::array<std::uint32_t, kAckBatch> sizes{};
        sizes.fill(ring::packet_bytes(0, sizeof(wire::NvspSendRndisPacketComplete)));
        return sizes;
    }();
    bool signal = false;
    while (!acks_.empty()) {
        ring::Reservation place;
        std::size_t count = 0;
        const auto wanted = std::span(kSizes).first(std::min<std::size_t>(acks_.size(), kAckBatch));
        const auto status = channel_.tx().reserve_prefix(wanted, place, count);
        if (status != ring::ReserveStatus::kOk) {
            counters_[RingCount::kAckDeferred].add();
            if (status == ring::ReserveStatus::kBadIndex) {
                fail_read_index();
            }
            break;
        }
        auto filler = channel_.tx().fill(place);
        for (std::uint32_t i = 0; i < count; ++i) {
            const Ack& ack = acks_[i];
            const wire::NvspSendRndisPacketComplete message{
                .type = static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacketComplete),
                .status = static_cast<std::uint32_t>(ack.success ? wire::NvspStatus::kSuccess
                                                                 : wire::NvspStatus::kFailure)};
            filler.put({.type = wire::PacketType::kCompletion,
                        .transaction_id = ack.packet_id,
                        .payload = base::bytes_of(message)});
        }
        signal |= channel_.tx().publish(place);
        acks_.pop(static_cast<std::uint32_t>(count));
    }
    pieces_waiting_ = acks_.empty() ? 0 : pieces_waiting_;
    return signal;
}

void Inbound::fail_read_index() noexcept {
    if (health_.fail(Health::kBroken)) {
        counters_[RingCount::kBadReadIndex].add();
        attention_();
    }
}

void Inbound::fail(ring::PacketError error) noexcept {
    if (health_.alive()) {
        counters_[count_of(error)].add();
        health_.fail(Health::kBroken);
        attention_();
    }
}

}  // namespace vmbus::netvsc
