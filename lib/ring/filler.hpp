// What goes into a piece of the ring: a packet, and the filler that lays packets out one after
// another with descriptor, padding and footer. Used by the thread that reserved the piece; the peer
// sees nothing of it before the writer publishes. Facts of the layout: docs/wire.md.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/copy.hpp"
#include "ring/descriptor.hpp"
#include "ring/geometry.hpp"
#include "ring/memory.hpp"
#include "wire/packet.hpp"

namespace vmbus::ring {

/// A piece of the ring that one producer owns until it publishes it.
struct Reservation {
    Position start;
    Position end;
};

/// One packet to be written. `header` is what follows the descriptor by type (ranges), a multiple
/// of 8 bytes; `payload` is padded to 8 with zeroes.
struct OutgoingPacket {
    wire::PacketType type = wire::PacketType::kInBand;
    bool completion_requested = false;
    std::uint64_t transaction_id = 0;
    base::Bytes header{};
    base::Bytes payload{};

    std::uint32_t ring_bytes() const noexcept {
        return packet_bytes(header.size(), payload.size());
    }
};

/// Writes packets one after another into a reservation. Used by the thread that reserved.
template <RingMemory Memory>
class Filler {
public:
    Filler(const Memory& memory, const Reservation& reservation) noexcept
        : memory_(memory), at_(reservation.start.index()) {}

    /// Requires: the packets put so far and this one fit the reservation. A payload of a size that
    /// the compiler knows is written without a loop or a call.
    [[gnu::always_inline]] void put(const OutgoingPacket& packet) noexcept {
        const std::uint32_t bytes = packet.ring_bytes();
        const Descriptor descriptor(packet.type, (kDescriptorBytes + packet.header.size()) / kUnit,
                                    (bytes - kFooterBytes) / kUnit,
                                    packet.completion_requested ? wire::kCompletionRequested : 0U,
                                    packet.transaction_id);
        if (!put_in_place(bytes, descriptor, packet)) {
            put_in_pieces(memory_, at_, descriptor,
                          base::Bytes(packet.header.data(), packet.header.size()),
                          base::Bytes(packet.payload.data(), packet.payload.size()));
        }
        at_ = Geometry(memory_.size()).advance(at_, bytes);
    }

private:
    static constexpr std::byte kPadding[kUnit] = {};

    /// The last word before the footer is zeroed first: what follows covers all but the padding.
    [[gnu::always_inline]] bool put_in_place(std::uint32_t bytes, Descriptor descriptor,
                                             const OutgoingPacket& packet) const noexcept {
        if constexpr (AddressableMemory<Memory>) {
            if (!memory_.wraps(at_, bytes)) [[likely]] {
                std::byte* const place = memory_.address(at_);
                std::byte* const footer = place + bytes - kFooterBytes;
                store(footer - kUnit, std::uint64_t{0});
                store(place, descriptor);
                base::copy(place + kDescriptorBytes, packet.header);
                base::copy(place + kDescriptorBytes + packet.header.size(), packet.payload);
                store(footer, wire::PacketFooter{.reserved = 0, .start = at_});
                return true;
            }
        }
        return false;
    }
    template <class T>
    static void store(std::byte* to, const T& value) noexcept {
        base::store_at({to, sizeof value}, 0, value);
    }

    /// The packet that wraps, seldom. All by value and the spans made anew, so that what put()
    /// works on can stay in registers.
    [[gnu::noinline]] static void put_in_pieces(Memory memory, std::uint32_t at,
                                                Descriptor descriptor, base::Bytes header,
                                                base::Bytes payload) noexcept {
        const wire::PacketFooter footer{.reserved = 0, .start = at};
        const base::Bytes padding(kPadding, base::round_up8(payload.size()) - payload.size());
        for (const base::Bytes piece :
             {base::bytes_of(descriptor), header, payload, padding, base::bytes_of(footer)}) {
            if (!piece.empty()) {
                memory.copy_in(at, piece);
                at = Geometry(memory.size()).advance(at, static_cast<std::uint32_t>(piece.size()));
            }
        }
    }

    Memory memory_;
    std::uint32_t at_;
};

}  // namespace vmbus::ring
