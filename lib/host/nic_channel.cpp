#include "host/nic_channel.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/nvsp_codec.hpp"
#include "host/fault_ring.hpp"
#include "host/violation_rules.hpp"

namespace vmbus::host {
namespace {

/// Packets of the guest that one turn takes.
constexpr std::uint32_t kPacketsPerTurn = 256;
/// Completions that one packet can cause, with every fault at once.
constexpr std::uint32_t kCompletionsPerPacket = 3;

/// Only our own temper looks at what others never do.
ring::FooterCheck footer_check(Temper temper) noexcept {
    return reaction_of(rule_of(Violation::kRingBadFooter), temper) == Reaction::kCarried
               ? ring::FooterCheck::kIgnore
               : ring::FooterCheck::kStrict;
}

/// What a packet of the guest is about, for scripts of misbehaviour.
Subject subject_of(const ring::PacketView& view) noexcept {
    const auto header = view.payload<wire::NvspHeader>();
    if (!header || view.type() == wire::PacketType::kCompletion) {
        return Subject::kAny;
    }
    switch (static_cast<wire::NvspType>(header->type)) {
        case wire::NvspType::kInit: return Subject::kInit;
        case wire::NvspType::kSendReceiveBuffer: return Subject::kReceiveBuffer;
        case wire::NvspType::kSendSendBuffer: return Subject::kSendBuffer;
        case wire::NvspType::kSubChannel: return Subject::kSubChannel;
        case wire::NvspType::kOidQueryEx: return Subject::kOidQueryEx;
        case wire::NvspType::kSendRndisPacket: break;
        default: return Subject::kAny;
    }
    const auto message = view.payload<wire::NvspSendRndisPacket>();
    return message && message->channel_type == wire::kNvspChannelControl ? Subject::kControl
                                                                         : Subject::kData;
}

}  // namespace

NicChannel::NicChannel(Conversation& conversation, std::uint32_t index, ring::MappedRing from_guest,
                       ring::MappedRing to_guest, Counters& counters)
    : all_(conversation),
      index_(index),
      violations_(all_.nic.violations),
      counters_(counters),
      tap_(all_.nic.recorder,
           {.nic = all_.nic.number, .channel = static_cast<std::uint16_t>(index)}, all_.receive),
      reader_(from_guest, footer_check(violations_.temper())),
      outbox_(to_guest, all_.send, all_.nic.interrupt, counters, {all_.nic.faults, index}, index),
      tx_(all_.send, outbox_, all_.rndis, all_.nvsp, all_.nic.port, all_.memory, all_.nic.link_up,
          is_primary(), violations_, counters),
      rx_(all_.receive, index, outbox_, {all_.nic.faults, index}, counters),
      faults_(all_.nic.faults, index) {
    set_message_bytes();
    if (tap_.active()) {
        outbox_.set_tap(tap_);
        tx_.set_tap(tap_);
    }
    reader_.mask();
    ++counters_.opens;
}

void NicChannel::set_message_bytes() noexcept {
    outbox_.set_message_bytes(all_.nvsp.message_is_long() ? wire::kNvspHostMessageBytesV61
                                                          : wire::kNvspHostMessageBytes);
}

bool NicChannel::serve() noexcept {
    if (dead_) {
        return false;
    }
    check_mask();
    bool busy = outbox_.begin_turn();
    busy |= outbox_.flush();
    if (faults_.active()) {
        unasked_.send(outbox_);
    }
    busy |= read();
    tx_.transmit();
    if (!dead_) {
        outbox_.interrupt_if(reader_.release());
        if (bad_read_index_) {
            spoil_read_index(reader_.memory(), *std::exchange(bad_read_index_, std::nullopt));
        }
        busy |= outbox_.flush();
    }
    return busy;
}

void NicChannel::deliver(std::span<const RxFrame> frames) noexcept {
    rx_.deliver(
        frames,
        {.mtu = all_.rndis.mtu(), .filter = all_.rndis.filter(), .offload = all_.rndis.offload()});
}

void NicChannel::check_outbox() noexcept {
    if (dead_ || !outbox_.broken()) {
        forgiving_ = forgiving_ && reader_.error() != ring::PacketError::kNone;
        return;
    }
    die(Violation::kRingBadReadIndex);
    if (!dead_) {
        outbox_.try_again();
    }
}

bool NicChannel::read() noexcept {
    std::uint32_t budget = kPacketsPerTurn;
    ring::PacketView view;
    const auto may_go_on = [&] {
        return budget > 0 && outbox_.room() >= kCompletionsPerPacket && !all_.silent && !dead_;
    };
    // Armed, it waits for the signal that it asked for: the ring alone says nothing.
    while (!armed_ && may_go_on() && reader_.poll()) {
        expect_next();
        while (may_go_on() && reader_.next(view)) {
            expect_next();
            handle(view);
            --budget;
        }
        if (reader_.error() != ring::PacketError::kNone) {
            break;
        }
    }
    if (reader_.error() != ring::PacketError::kNone) {
        die(violation_of(reader_.error()));
    }
    return budget < kPacketsPerTurn;
}

void NicChannel::expect_next() noexcept {
    if (ring::PacketView view; reader_.look_ahead(view)) {
        tx_.expect(view);
    }
}

void NicChannel::handle(const ring::PacketView& view) noexcept {
    ++counters_.tx_ring_packets;
    if (faults_.active()) {
        misbehave(view);
    }
    tap_.begin_from_guest(view);
    handle_by_type(view);
    tap_.end_from_guest();
    dead_ = dead_ || violations_.take_stop();
}

void NicChannel::handle_by_type(const ring::PacketView& view) noexcept {
    switch (view.type()) {
        case wire::PacketType::kCompletion: handle_completion(view); break;
        case wire::PacketType::kTransferPages:
            violations_.record(Violation::kTransferPagesFromGuest);
            break;
        case wire::PacketType::kInBand:
        case wire::PacketType::kGpaDirect: handle_request(view); break;
    }
}

void NicChannel::handle_request(const ring::PacketView& view) noexcept {
    std::array<std::byte, wire::kNvspGuestMessageBytes> copy;
    const auto payload =
        base::MutableBytes(copy).first(std::min<std::size_t>(view.payload_size(), copy.size()));
    view.copy_payload(0, payload);
    if (codec::nvsp_type(payload) == wire::NvspType::kSendRndisPacket) {
        handle_rndis(view, payload);
        return;
    }
    const auto reply = answer(payload, view.completion_requested());
    if (!view.completion_requested() || reply.none) {
        return;
    }
    const auto bytes = base::Bytes(reply.bytes).first(reply.size);
    if (reply.old_size) {
        outbox_.complete_sized(view.transaction_id(), bytes, wire::kNvspHostMessageBytes);
    } else {
        outbox_.complete(view.transaction_id(), bytes);
    }
}

NvspServer::Reply NicChannel::answer(base::Bytes payload, bool completion_requested) noexcept {
    if (!is_primary()) {
        return all_.nvsp.handle_on_sub_channel(payload, completion_requested);
    }
    auto reply = all_.nvsp.handle(payload, completion_requested);
    set_message_bytes();
    if (const auto path = all_.nvsp.take_path_request()) {
        all_.vf.switch_path(*path);
    }
    return reply;
}

void NicChannel::handle_rndis(const ring::PacketView& view, base::Bytes payload) noexcept {
    const auto message = base::try_load<wire::NvspSendRndisPacket>(payload);
    const bool is_control = message && message->channel_type == wire::kNvspChannelControl;
    if (all_.nvsp.state() == NvspServer::State::kRevoked && is_control) {
        // A guest that revokes its buffers before it halts: nobody looks, and it does no harm.
        if (view.completion_requested()) {
            outbox_.complete_rndis(view.transaction_id(), wire::NvspStatus::kSuccess,
                                   wire::kNoSendSection);
        }
        return;
    }
    if (!message) {
        violations_.record(Violation::kNvspShortMessage, payload);
    }
    outbox_.set_subject(is_control ? Subject::kControl : Subject::kData);
    if (message && all_.nvsp.admit_rndis(payload)) {
        tx_.handle(view, *message);
    } else if (view.completion_requested()) {
        outbox_.complete_rndis(view.transaction_id(), wire::NvspStatus::kFailure,
                               wire::kNoSendSection);
    }
}

void NicChannel::handle_completion(const ring::PacketView& view) noexcept {
    ++counters_.completions_received;
    if (unasked_.take_back(view.transaction_id())) {
        return;
    }
    if (all_.nvsp.state() == NvspServer::State::kRevoked) {
        return;  // late, but there is nothing left to return
    }
    if (is_primary() && all_.vf.completed(view.transaction_id())) {
        return;
    }
    const auto message = view.payload<wire::NvspSendRndisPacketComplete>();
    if (!message ||
        message->type != static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacketComplete)) {
        violations_.record(Violation::kBadCompletion,
                           message ? base::bytes_of(*message) : base::Bytes());
    }
    const std::uint64_t id = view.transaction_id();
    const auto lent_on = all_.receive.lent_on(id);
    if (!lent_on) {
        violations_.record(Violation::kBadCompletionId, base::bytes_of(id));
    } else if (*lent_on != index_) {
        violations_.record(Violation::kCompletionOnWrongChannel, base::bytes_of(id));
    }
    all_.receive.give_back(id);
}

void NicChannel::misbehave(const ring::PacketView& view) noexcept {
    const Subject subject = subject_of(view);
    spoil_words(reader_.memory(), outbox_.memory(), faults_, subject);
    unasked_.ask(faults_, subject);
    if (const auto details = faults_.due(Fault::kBadReadIndex, subject)) {
        bad_read_index_ = details;  // after this turn's good one
    }
    if (faults_.due(Fault::kSpuriousInterrupt, subject)) {
        outbox_.interrupt_if(true);
    }
    misbehave_as_a_whole(subject);
}

/// What concerns the NIC and not this channel alone.
void NicChannel::misbehave_as_a_whole(Subject subject) noexcept {
    if (faults_.due(Fault::kRescind, subject)) {
        faults_.engine().request_rescind();
    }
    if (!is_primary() && faults_.due(Fault::kRescindChannel, subject)) {
        // Of a sub-channel that is open the guest's kernel shows nothing of that until the device
        // is released (Linux drivers/hv/channel_mgmt.c, vmbus_onoffer_rescind).
        dead_ = true;
    }
    if (faults_.due(Fault::kHostRestart, subject)) {
        faults_.engine().request_restart();
    }
    if (faults_.due(Fault::kLinkFlap, subject)) {
        ++all_.link_flaps;
    }
    if (faults_.due(Fault::kSilence, subject)) {
        all_.silent = true;
    }
    if (const auto details = faults_.due(Fault::kPause, subject)) {
        all_.paused_until = faults_.engine().now() + std::chrono::milliseconds(details->value);
    }
    if (const auto details = faults_.due(Fault::kBadStatus, subject)) {
        std::array<std::byte, sizeof(wire::RndisIndicateStatus) + 8> message{};
        const std::size_t size = put_bad_status(*details, message);
        all_.rndis.indicate_raw(base::Bytes(message).first(size));
    }
}

/// While the host waits for signals, the mask is its own and clear.
void NicChannel::check_mask() noexcept {
    // relaxed: only whether the guest wrote there at all.
    if (armed_ && reader_.memory().page().interrupt_mask.load_relaxed() != 0) {
        violations_.record(Violation::kInterruptMaskWritten);
        dead_ = dead_ || violations_.take_stop();
        disarm();
    }
}

bool NicChannel::arm() noexcept {
    if (dead_) {
        return true;
    }
    if (armed_ || !outbox_.may_sleep()) {
        return armed_;
    }
    armed_ = true;
    if (reader_.unmask_and_recheck()) {
        disarm();
        return false;
    }
    return true;
}

void NicChannel::wake() noexcept {
    if (armed_) {
        check_mask();
        disarm();
    }
}

void NicChannel::disarm() noexcept {
    armed_ = false;
    reader_.mask();
}

/// Counts what cannot be read or written any further, and gives the channel up unless the temper
/// forgives: then it goes on behind what lies in the ring, once the index is one.
void NicChannel::die(Violation why) noexcept {
    if (!std::exchange(forgiving_, true)) {
        note_unreadable(why);
    }
    violations_.take_stop();
    dead_ = !forgives();
    if (!dead_ && why != Violation::kRingBadReadIndex && reader_.resynchronise()) {
        forgiving_ = false;
    }
}

void NicChannel::note_unreadable(Violation why) noexcept {
    std::array<std::byte, ViolationLog::kBytesKept> bytes{};
    if (why != Violation::kRingBadReadIndex && why != Violation::kRingBadWriteIndex) {
        show_unreadable(bytes);
        violations_.record(why, bytes);
    } else {
        violations_.record(why);
    }
}

/// What lies where the reader stopped: its index is the one it publishes.
void NicChannel::show_unreadable(std::span<std::byte, ViolationLog::kBytesKept> bytes) noexcept {
    outbox_.interrupt_if(reader_.release());
    auto& memory = reader_.memory();
    // relaxed: my own index, as far as the guest left it alone.
    const std::uint32_t at = memory.page().out.load_relaxed();
    if (ring::Geometry(memory.size()).valid_index(at)) {
        memory.copy_out(at, bytes);
    }
}

}  // namespace vmbus::host
