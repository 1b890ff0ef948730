#include "host/outbox.hpp"

#include <algorithm>
#include <cassert>

#include "host/fault_ring.hpp"

namespace vmbus::host {
namespace {

constexpr std::uint64_t kForgedId = 0xF0F0'F0F0'F0F0'F0F0;
/// Longer than anything that could overtake takes.
constexpr unsigned kOvertakenTurns = 1000;

/// What a completion answers; `rndis` when that is an RNDIS message.
Subject subject_of(base::Bytes payload, Subject rndis) noexcept {
    switch (static_cast<wire::NvspType>(base::load_at<std::uint32_t>(payload, 0))) {
        case wire::NvspType::kInitComplete: return Subject::kInit;
        case wire::NvspType::kSendReceiveBufferComplete: return Subject::kReceiveBuffer;
        case wire::NvspType::kSendSendBufferComplete: return Subject::kSendBuffer;
        case wire::NvspType::kSubChannel: return Subject::kSubChannel;
        case wire::NvspType::kOidQueryExComplete: return Subject::kOidQueryEx;
        case wire::NvspType::kSendRndisPacketComplete: return rndis;
        default: return Subject::kAny;
    }
}

}  // namespace

void Outbox::complete(std::uint64_t transaction_id, base::Bytes payload) noexcept {
    complete_sized(transaction_id, payload, payload.empty() ? 0 : message_bytes_);
}

void Outbox::complete_sized(std::uint64_t transaction_id, base::Bytes payload,
                            std::size_t bytes) noexcept {
    Completion completion{.transaction_id = transaction_id,
                          .bytes = static_cast<std::uint32_t>(bytes)};
    std::copy(payload.begin(), payload.end(), completion.payload.begin());
    push(completion);
}

void Outbox::complete_rndis(std::uint64_t transaction_id, wire::NvspStatus status,
                            std::uint32_t section) noexcept {
    Completion completion{.transaction_id = transaction_id,
                          .section = section,
                          .bytes = static_cast<std::uint32_t>(message_bytes_)};
    base::store_at(completion.payload, 0,
                   wire::NvspSendRndisPacketComplete{
                       .type = static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacketComplete),
                       .status = static_cast<std::uint32_t>(status)});
    push(completion);
}

void Outbox::push(const Completion& completion) noexcept {
    if (faults_.active()) {
        push_with_faults(completion);
        return;
    }
    assert(room() > 0);
    queued(tail_++) = completion;
}

void Outbox::spoil(Completion& completion, Subject subject) noexcept {
    if (const auto details = faults_.due(Fault::kFailedCompletion, subject)) {
        base::store_at(completion.payload, 4, details->value);
    }
    if (const auto details = faults_.due(Fault::kWrongCompletion, subject)) {
        base::store_at(completion.payload, 0, details->value);
    }
    if (const auto details = faults_.due(Fault::kBadAnswer, subject)) {
        const std::size_t last = completion.payload.size() - sizeof details->value;
        base::store_at(completion.payload, std::min<std::size_t>(details->offset, last),
                       details->value);
    }
    if (const auto details = faults_.due(Fault::kShortCompletion, subject)) {
        completion.bytes = std::min(completion.bytes, details->value);
    }
}

void Outbox::push_with_faults(Completion completion) noexcept {
    const Subject subject = subject_of(completion.payload, subject_);
    spoil(completion, subject);
    // All are asked: each counts its own occurrences.
    const bool lost = faults_.due(Fault::kLostCompletion, subject).has_value();
    const auto late = faults_.due(Fault::kLateCompletion, subject);
    const bool overtaken = faults_.due(Fault::kReorderedCompletion, subject).has_value();
    const bool duplicate = faults_.due(Fault::kDuplicateCompletion, subject).has_value();
    const bool forged = faults_.due(Fault::kForgedCompletion, subject).has_value();
    for (Held& held : held_) {
        held.turns = held.until_next ? 0 : held.turns;
    }
    if (late || overtaken) {
        held_.push_back({completion, late ? late->value : kOvertakenTurns, !late});
    } else if (!lost) {
        queued(tail_++) = completion;
    }
    Completion extra = completion;
    extra.section = wire::kNoSendSection;
    if (duplicate && room() > 0) {
        queued(tail_++) = extra;
    }
    if (forged && room() > 0) {
        extra.transaction_id = kForgedId;
        queued(tail_++) = extra;
    }
}

bool Outbox::begin_turn() noexcept {
    for (Held& held : held_) {
        held.turns -= held.turns > 0 ? 1 : 0;
    }
    for (auto held = held_.begin(); held != held_.end() && room() > 0;) {
        if (held->turns > 0) {
            ++held;
            continue;
        }
        queued(tail_++) = held->completion;
        held = held_.erase(held);
    }
    return !held_.empty();
}

bool Outbox::flush() noexcept {
    bool sent = false;
    while (waiting() > 0 && flush_burst()) {
        sent = true;
    }
    return sent;
}

bool Outbox::flush_burst() noexcept {
    std::array<std::uint32_t, kBurst> sizes;
    const std::uint32_t wanted = std::min(waiting(), kBurst);
    for (std::uint32_t i = 0; i < wanted; ++i) {
        sizes[i] = ring::packet_bytes(0, queued(head_ + i).bytes);
    }
    ring::Reservation place;
    std::size_t count = 0;
    if (!reserve(std::span(sizes).first(wanted), place, count)) {
        return false;
    }
    auto filler = writer_.fill(place);
    for (std::size_t i = 0; i < count; ++i) {
        const Completion& completion = queued(head_++);
        filler.put({.type = wire::PacketType::kCompletion,
                    .transaction_id = completion.transaction_id,
                    .payload = base::Bytes(completion.payload).first(completion.bytes)});
        if (completion.section != wire::kNoSendSection) {
            sections_.give_back(completion.section);
        }
    }
    counters_.completions_sent += count;
    counters_.rx_ring_packets += count;
    publish(place);
    return true;
}

bool Outbox::send(const ring::OutgoingPacket& packet) noexcept {
    const std::uint32_t bytes = packet.ring_bytes();
    ring::Reservation place;
    std::size_t count = 0;
    if (waiting() > 0 || !reserve(std::span(&bytes, 1), place, count)) {
        return false;
    }
    writer_.fill(place).put(packet);
    ++counters_.rx_ring_packets;
    publish(place);
    return true;
}

bool Outbox::send_as_is(base::Bytes packet) noexcept {
    const auto bytes = static_cast<std::uint32_t>(packet.size()) + ring::kFooterBytes;
    ring::Reservation place;
    std::size_t count = 0;
    if (waiting() > 0 || !reserve(std::span(&bytes, 1), place, count)) {
        return false;
    }
    const std::uint32_t start = place.start.index();
    const wire::PacketFooter footer{.reserved = 0, .start = start};
    memory().copy_in(start, packet);
    memory().copy_in(ring::Geometry(memory().size()).advance(start, bytes - ring::kFooterBytes),
                     base::bytes_of(footer));
    ++counters_.rx_ring_packets;
    publish(place);
    return true;
}

bool Outbox::reserve(std::span<const std::uint32_t> sizes, ring::Reservation& place,
                     std::size_t& count) noexcept {
    if (broken_) {
        return false;
    }
    const auto status = writer_.reserve_prefix(sizes, place, count);
    if (status == ring::ReserveStatus::kOk) {
        if (wanted_ != 0) {
            writer_.withdraw_request();
            wanted_ = 0;
        }
        return true;
    }
    if (status == ring::ReserveStatus::kBadIndex) {
        broken_ = true;
    } else {
        ask_for_room(sizes[0]);
    }
    return false;
}

void Outbox::ask_for_room(std::uint32_t bytes) noexcept {
    if (wanted_ != 0) {
        return;
    }
    const std::uint32_t quarter = (writer_.size() - ring::kUnit) / 4;
    wanted_ = base::round_up8(std::max(bytes, quarter));
    ++counters_.rx_ring_full;
    writer_.ask_for_room(wanted_);
}

std::uint32_t Outbox::room_in_ring() const noexcept {
    return waiting() > 0 || broken_ ? 0 : writer_.size() - ring::kUnit - writer_.bytes_in_flight();
}

void Outbox::publish(const ring::Reservation& place) noexcept {
    const bool spoils = faults_.active();
    if (spoils) {
        spoil_packet(writer_.memory(), place.start.index(), place.end.index(), faults_);
    }
    if (tap_ != nullptr) {
        tap_->to_guest(writer_.memory(), place.start.index(), place.end.index());
    }
    const bool signal = writer_.publish(place);
    if (spoils) {
        spoil_index(writer_.memory(), place.start.index(), faults_);
    }
    interrupt_if(signal);
}

void Outbox::interrupt_if(bool needed) noexcept {
    if (needed) {
        ++counters_.interrupts_to_guest;
        interrupt_.raise(channel_);
    }
}

}  // namespace vmbus::host
