// A conversation with the other side: a ring to write, a ring to read, a doorbell.
// The same type serves guest and host; only the doorbell differs. Sending may be done by many
// threads (the writer's mode decides), receiving by one at a time.
#pragma once

#include <cstdint>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "channel/doorbell.hpp"
#include "ring/reader.hpp"
#include "ring/writer.hpp"

namespace vmbus::channel {

template <Doorbell D>
class BasicChannel {
public:
    BasicChannel(ring::MappedRing tx, ring::MappedRing rx, ring::Publication mode, D doorbell,
                 ring::FooterCheck footer_check = ring::FooterCheck::kIgnore)
        : tx_(tx, mode), rx_(rx, footer_check), doorbell_(std::move(doorbell)) {}

    ring::Writer& tx() noexcept { return tx_; }
    ring::Reader& rx() noexcept { return rx_; }
    D& doorbell() noexcept { return doorbell_; }

    /// Sends one packet and signals if needed. Nothing is sent unless kOk.
    ring::ReserveStatus send(const ring::OutgoingPacket& packet) noexcept {
        ring::Reservation place;
        const auto status = tx_.reserve(packet.ring_bytes(), place);
        if (status == ring::ReserveStatus::kOk) {
            tx_.fill(place).put(packet);
            ring_if(tx_.publish(place));
        }
        return status;
    }
    ring::ReserveStatus send_in_band(base::Bytes payload, std::uint64_t transaction_id,
                                     bool completion_requested) noexcept {
        return send({.type = wire::PacketType::kInBand,
                     .completion_requested = completion_requested,
                     .transaction_id = transaction_id,
                     .payload = payload});
    }
    ring::ReserveStatus send_completion(base::Bytes payload,
                                        std::uint64_t transaction_id) noexcept {
        return send({.type = wire::PacketType::kCompletion,
                     .transaction_id = transaction_id,
                     .payload = payload});
    }

    /// Gives back what was read and signals the other side if it waits for that room.
    void release_received() noexcept { ring_if(rx_.release()); }

    void ring_if(bool needed) noexcept {
        if (needed) {
            // relaxed: a figure for people.
            signals_.store_relaxed(signals_.load_relaxed() + 1);
            doorbell_.ring();
        }
    }
    /// How often the doorbell was rung; approximate when several threads send.
    std::uint64_t signals() const noexcept {
        // relaxed: a figure for people.
        return signals_.load_relaxed();
    }

private:
    // Producers.
    ring::Writer tx_;
    // The receiving thread; on lines of its own, so that sending and receiving do not disturb.
    alignas(64) ring::Reader rx_;
    alignas(64) base::Shared<std::uint64_t> signals_{0};
    D doorbell_;
};

using GuestChannel = BasicChannel<GuestDoorbell>;

}  // namespace vmbus::channel
