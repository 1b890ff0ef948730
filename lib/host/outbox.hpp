// Outbox: what the host sends on a channel. Completions wait in a queue while the ring is full, so
// none is lost and none is overtaken by what was caused after it; other packets are the caller's
// until they fit. When something does not fit, the guest is asked to say when there is room.
// Owned by the session; host thread only.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "host/counters.hpp"
#include "host/fault_engine.hpp"
#include "host/interrupt.hpp"
#include "host/ring_tap.hpp"
#include "host/send_buffer.hpp"
#include "ring/writer.hpp"
#include "wire/nvsp.hpp"

namespace vmbus::host {

class Outbox {
public:
    /// Completions that may wait: as many as a turn can cause.
    static constexpr std::uint32_t kCapacity = 512;

    Outbox(ring::MappedRing ring, SendBuffer& sections, Interrupt& interrupt, Counters& counters,
           FaultPoint faults, std::uint32_t channel = 0)
        : writer_(ring, ring::Publication::kSingle),
          sections_(sections),
          interrupt_(interrupt),
          counters_(counters),
          faults_(faults),
          channel_(channel) {}

    /// Payload bytes of messages from now on: 32, or 40 from NVSP 6.1 on.
    void set_message_bytes(std::size_t bytes) noexcept { message_bytes_ = bytes; }
    std::size_t message_bytes() const noexcept { return message_bytes_; }

    /// Completions that can still be queued, and those that wait.
    std::uint32_t room() const noexcept { return kCapacity - waiting(); }
    std::uint32_t waiting() const noexcept { return tail_ - head_; }

    /// Queues a completion. `payload` is padded to the size of a message, unless it is empty.
    /// Requires: room() > 0, payload.size() <= 40.
    void complete(std::uint64_t transaction_id, base::Bytes payload) noexcept;
    /// The same with exactly `bytes` of payload. Requires: bytes <= 40.
    void complete_sized(std::uint64_t transaction_id, base::Bytes payload,
                        std::size_t bytes) noexcept;
    /// The answer to an RNDIS message; its section, if any, is given back when the guest has it.
    void complete_rndis(std::uint64_t transaction_id, wire::NvspStatus status,
                        std::uint32_t section) noexcept;

    /// Once a turn, before anything else: completions that a fault held back come due. True while
    /// any is held back.
    bool begin_turn() noexcept;

    /// Sends what waits, as far as it fits. True when something was sent.
    bool flush() noexcept;

    /// Sends one packet now. False when it does not fit, or completions wait: try again later.
    bool send(const ring::OutgoingPacket& packet) noexcept;
    /// The same with a packet as it is to lie in the ring, footer excepted, whatever it says of
    /// itself. Requires: a multiple of 8 bytes.
    bool send_as_is(base::Bytes packet) noexcept;
    /// Bytes that a packet may have now; 0 while completions wait.
    std::uint32_t room_in_ring() const noexcept;
    /// Asks for a signal once `bytes` are free, or a quarter of the ring.
    void ask_for_room(std::uint32_t bytes) noexcept;

    /// Signals the guest if `needed`.
    void interrupt_if(bool needed) noexcept;

    /// Before sleeping. False when there is room for what waits.
    bool may_sleep() noexcept { return wanted_ == 0 || writer_.ask_for_room(wanted_); }

    /// The guest's read index is no index: nothing more can be sent.
    bool broken() const noexcept { return broken_; }
    /// Looks at it again, for a guest that is to be forgiven.
    void try_again() noexcept { broken_ = false; }

    /// Everything that is sent is recorded from now on.
    void set_tap(RingTap& tap) noexcept { tap_ = &tap; }
    /// What the RNDIS message is that is completed next, for scripts of misbehaviour.
    void set_subject(Subject subject) noexcept { subject_ = subject; }
    ring::MappedRing& memory() noexcept { return writer_.memory(); }

private:
    struct Completion {
        std::uint64_t transaction_id = 0;
        std::uint32_t section = wire::kNoSendSection;
        std::uint32_t bytes = 0;
        std::array<std::byte, wire::kNvspHostMessageBytesV61> payload{};
    };
    struct Held {
        Completion completion;
        unsigned turns;
        bool until_next = false;  ///< only until another one has overtaken it
    };
    static constexpr std::uint32_t kBurst = 64;

    Completion& queued(std::uint32_t at) noexcept { return queue_[at % kCapacity]; }
    void push(const Completion& completion) noexcept;
    void push_with_faults(Completion completion) noexcept;
    void spoil(Completion& completion, Subject subject) noexcept;
    bool flush_burst() noexcept;
    bool reserve(std::span<const std::uint32_t> sizes, ring::Reservation& place,
                 std::size_t& count) noexcept;
    void publish(const ring::Reservation& place) noexcept;

    ring::Writer writer_;
    SendBuffer& sections_;
    Interrupt& interrupt_;
    Counters& counters_;
    FaultPoint faults_;
    const std::uint32_t channel_;
    Subject subject_ = Subject::kAny;
    RingTap* tap_ = nullptr;
    std::size_t message_bytes_ = wire::kNvspHostMessageBytes;
    std::uint32_t wanted_ = 0;  ///< bytes asked for, 0 when there was room
    bool broken_ = false;
    std::uint32_t head_ = 0;
    std::uint32_t tail_ = 0;
    std::array<Completion, kCapacity> queue_{};
    std::vector<Held> held_;
};

}  // namespace vmbus::host
