#include "host/nic.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/nvsp_codec.hpp"
#include "host/nvsp_server.hpp"
#include "host/outbox.hpp"
#include "host/receive_buffer.hpp"
#include "host/rndis_server.hpp"
#include "host/rx_path.hpp"
#include "host/send_buffer.hpp"
#include "host/tx_path.hpp"
#include "ring/reader.hpp"

namespace vmbus::host {
namespace {

/// Packets of the guest that one turn takes.
constexpr std::uint32_t kPacketsPerTurn = 256;
/// Completions that one packet can cause, with every fault at once.
constexpr std::uint32_t kCompletionsPerPacket = 3;

base::Result<ring::MappedRing> half_of(base::MutableBytes rings, bool second) noexcept {
    const std::size_t half = rings.size() / 2;
    return ring::MappedRing::view(rings.subspan(second ? half : 0, half), sizeof(wire::RingPage));
}

}  // namespace

struct Nic::Session {
    Session(Nic& nic, ring::MappedRing from_guest, ring::MappedRing to_guest, GuestMemory& memory)
        : nic_(nic),
          reader_(from_guest, ring::FooterCheck::kStrict),
          outbox_(to_guest, send_, nic.interrupt_, nic.counters_, nic.faults_),
          nvsp_(nic.spec_,
                {.receive = nic.memory_.receive,
                 .receive_gpadl = nic.memory_.receive_gpadl,
                 .send = nic.memory_.send,
                 .send_gpadl = nic.memory_.send_gpadl},
                receive_, send_, nic.violations_, nic.counters_),
          rndis_(nic.spec_, nvsp_, nic.link_up_, nic.port_, nic.violations_, nic.counters_),
          tx_(send_, outbox_, rndis_, nvsp_, nic.port_, memory, nic.link_up_, nic.violations_,
              nic.counters_),
          rx_(receive_, outbox_, nic.port_, nic.faults_, nic.counters_) {}

    bool turn() noexcept;
    bool arm() noexcept;
    void disarm() noexcept;
    bool is_receiving() const noexcept {
        return nvsp_.state() == NvspServer::State::kReady && rndis_.lets_in() && nic_.link_up_;
    }

    bool read() noexcept;
    void handle(const ring::PacketView& view) noexcept;
    void handle_request(const ring::PacketView& view) noexcept;
    void handle_rndis(const ring::PacketView& view, base::Bytes payload) noexcept;
    void handle_completion(const ring::PacketView& view) noexcept;
    void misbehave() noexcept;
    void check_mask() noexcept;
    void die(Violation why) noexcept;
    void show_unreadable(std::span<std::byte, ViolationLog::kBytesKept> bytes) noexcept;

    Nic& nic_;
    ring::Reader reader_;
    SendBuffer send_;
    ReceiveBuffer receive_;
    Outbox outbox_;
    NvspServer nvsp_;
    RndisServer rndis_;
    TxPath tx_;
    RxPath rx_;
    bool armed_ = false;
    bool dead_ = false;
    bool silent_ = false;
};

bool Nic::Session::turn() noexcept {
    if (dead_ || silent_) {
        return false;
    }
    check_mask();
    bool busy = outbox_.begin_turn();
    busy |= outbox_.flush();
    busy |= read();
    tx_.transmit();
    if (dead_) {
        return true;
    }
    outbox_.interrupt_if(reader_.release());
    busy |= outbox_.flush();
    if (nvsp_.state() == NvspServer::State::kReady) {
        busy |= rndis_.flush(receive_, outbox_);
        busy |= rx_.send_pending() && is_receiving() &&
                rx_.turn(rndis_.mtu(), rndis_.offload().receive_checks());
    }
    if (outbox_.broken()) {
        die(Violation::kRingBadReadIndex);
    }
    return busy;
}

bool Nic::Session::read() noexcept {
    std::uint32_t budget = kPacketsPerTurn;
    ring::PacketView view;
    const auto may_go_on = [&] {
        return budget > 0 && outbox_.room() >= kCompletionsPerPacket && !silent_;
    };
    // Armed, it waits for the signal that it asked for: the ring alone says nothing.
    while (!armed_ && may_go_on() && reader_.poll()) {
        while (may_go_on() && reader_.next(view)) {
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

void Nic::Session::handle(const ring::PacketView& view) noexcept {
    ++nic_.counters_.tx_ring_packets;
    if (nic_.faults_.active()) {
        misbehave();
    }
    switch (view.type()) {
        case wire::PacketType::kCompletion: handle_completion(view); break;
        case wire::PacketType::kTransferPages:
            nic_.violations_.record(Violation::kTransferPagesFromGuest);
            break;
        case wire::PacketType::kInBand:
        case wire::PacketType::kGpaDirect: handle_request(view); break;
    }
}

void Nic::Session::handle_request(const ring::PacketView& view) noexcept {
    std::array<std::byte, wire::kNvspGuestMessageBytes> copy;
    const auto payload =
        base::MutableBytes(copy).first(std::min<std::size_t>(view.payload_size(), copy.size()));
    view.copy_payload(0, payload);
    if (codec::nvsp_type(payload) == wire::NvspType::kSendRndisPacket) {
        handle_rndis(view, payload);
        return;
    }
    const auto reply = nvsp_.handle(payload, view.completion_requested());
    outbox_.set_message_bytes(nvsp_.message_is_long() ? wire::kNvspHostMessageBytesV61
                                                      : wire::kNvspHostMessageBytes);
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

void Nic::Session::handle_rndis(const ring::PacketView& view, base::Bytes payload) noexcept {
    const auto message = base::try_load<wire::NvspSendRndisPacket>(payload);
    const bool is_control = message && message->channel_type == wire::kNvspChannelControl;
    if (nvsp_.state() == NvspServer::State::kRevoked && is_control) {
        // A guest that revokes its buffers before it halts: nobody looks, and it does no harm.
        if (view.completion_requested()) {
            outbox_.complete_rndis(view.transaction_id(), wire::NvspStatus::kSuccess,
                                   wire::kNoSendSection);
        }
        return;
    }
    if (!message) {
        nic_.violations_.record(Violation::kNvspShortMessage, payload);
    }
    if (message && nvsp_.admit_rndis(payload)) {
        tx_.handle(view, *message);
    } else if (view.completion_requested()) {
        outbox_.complete_rndis(view.transaction_id(), wire::NvspStatus::kFailure,
                               wire::kNoSendSection);
    }
}

void Nic::Session::handle_completion(const ring::PacketView& view) noexcept {
    ++nic_.counters_.completions_received;
    if (nvsp_.state() == NvspServer::State::kRevoked) {
        return;  // late, but there is nothing left to return
    }
    const auto message = view.payload<wire::NvspSendRndisPacketComplete>();
    if (!message ||
        message->type != static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacketComplete)) {
        nic_.violations_.record(Violation::kBadCompletion,
                                message ? base::bytes_of(*message) : base::Bytes());
    }
    if (!receive_.give_back(view.transaction_id())) {
        const std::uint64_t id = view.transaction_id();
        nic_.violations_.record(Violation::kBadCompletionId, base::bytes_of(id));
    }
}

void Nic::Session::misbehave() noexcept {
    if (nic_.faults_.due(Fault::kRescind)) {
        nic_.faults_.request_rescind();
    }
    if (nic_.faults_.due(Fault::kLinkFlap)) {
        nic_.set_link(!nic_.link_up_);
        nic_.set_link(!nic_.link_up_);
    }
    silent_ = silent_ || nic_.faults_.due(Fault::kSilence);
}

/// While the host waits for signals, the mask is its own and clear.
void Nic::Session::check_mask() noexcept {
    // relaxed: only whether the guest wrote there at all.
    if (armed_ && reader_.memory().page().interrupt_mask.load_relaxed() != 0) {
        nic_.violations_.record(Violation::kInterruptMaskWritten);
        disarm();
    }
}

bool Nic::Session::arm() noexcept {
    if (dead_ || silent_) {
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

void Nic::Session::disarm() noexcept {
    armed_ = false;
    reader_.mask();
}

void Nic::Session::die(Violation why) noexcept {
    std::array<std::byte, ViolationLog::kBytesKept> bytes{};
    if (why != Violation::kRingBadReadIndex && why != Violation::kRingBadWriteIndex) {
        show_unreadable(bytes);
        nic_.violations_.record(why, bytes);
    } else {
        nic_.violations_.record(why);
    }
    dead_ = true;
}

/// What lies where the reader stopped: its index is the one it publishes.
void Nic::Session::show_unreadable(std::span<std::byte, ViolationLog::kBytesKept> bytes) noexcept {
    outbox_.interrupt_if(reader_.release());
    auto& memory = reader_.memory();
    // relaxed: my own index, as far as the guest left it alone.
    const std::uint32_t at = memory.page().out.load_relaxed();
    if (ring::Geometry(memory.size()).valid_index(at)) {
        memory.copy_out(at, bytes);
    }
}

Nic::Nic(NicSpec spec, const NicMemory& memory, Port& port, Interrupt& interrupt)
    : spec_(std::move(spec)), memory_(memory), port_(port), interrupt_(interrupt) {}

Nic::~Nic() = default;

bool Nic::open(GuestMemory& memory) noexcept {
    close();
    auto from_guest = half_of(memory_.rings, false);
    auto to_guest = half_of(memory_.rings, true);
    if (!from_guest || !to_guest) {
        return false;
    }
    ring::initialise(from_guest.value());
    ring::initialise(to_guest.value());
    session_ = std::make_unique<Session>(*this, from_guest.value(), to_guest.value(), memory);
    session_->disarm();
    ++counters_.opens;
    return true;
}

void Nic::close() noexcept {
    if (session_ != nullptr) {
        session_.reset();
        port_.guest_closed();
    }
}

bool Nic::is_dead() const noexcept {
    return session_ != nullptr && session_->dead_;
}

bool Nic::is_receiving() const noexcept {
    return session_ != nullptr && session_->is_receiving();
}

bool Nic::poll() noexcept {
    ++counters_.polls;
    const bool busy = session_ != nullptr && session_->turn();
    counters_.busy_polls += busy ? 1 : 0;
    counters_.faults = faults_.struck();
    return busy;
}

bool Nic::idle_arm() noexcept {
    return session_ == nullptr || session_->arm();
}

void Nic::wake() noexcept {
    if (session_ != nullptr && session_->armed_) {
        session_->check_mask();
        session_->disarm();
    }
}

void Nic::doorbell() noexcept {
    ++counters_.signals_from_guest;
    wake();
}

void Nic::set_link(bool up) noexcept {
    if (up == link_up_) {
        return;
    }
    link_up_ = up;
    if (session_ != nullptr) {
        session_->rndis_.indicate_link(up);
    }
}

}  // namespace vmbus::host
