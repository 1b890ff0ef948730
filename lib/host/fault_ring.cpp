#include "host/fault_ring.hpp"

#include <cstddef>

#include "ring/geometry.hpp"
#include "wire/packet.hpp"

namespace vmbus::host {
namespace {

constexpr std::uint16_t kUnknownType = 0x77;
constexpr std::uint16_t kLengthBeyondIndex = 0x7FFF;
constexpr std::uint16_t kGpaDirectType = 9;

/// Order of the variants in fault.cpp.
enum class Length : std::uint8_t { kBeyond, kBelowOffset, kBadOffset, kOntoFooter };
enum class Type : std::uint8_t { kUnknown, kGpaDirect };
enum class Index : std::uint8_t { kOutside, kUnaligned, kBackwards, kJump };
enum class ReadIndex : std::uint8_t { kOutside, kUnaligned, kAhead };
enum class Word : std::uint8_t { kPending, kFeatures, kMask };

/// Fields of a packet that lies in the ring and nobody has seen.
class Packet {
public:
    Packet(ring::MappedRing& ring, std::uint32_t start) noexcept : ring_(ring), start_(start) {}

    std::uint16_t get(std::size_t field) const noexcept {
        std::uint16_t value = 0;
        ring_.copy_out(at(field), base::MutableBytes(std::as_writable_bytes(std::span(&value, 1))));
        return value;
    }
    template <class T>
    void set(std::size_t field, T value) noexcept {
        ring_.copy_in(at(field), base::bytes_of(value));
    }
    std::size_t footer() const noexcept {
        return std::size_t{get(offsetof(wire::PacketDescriptor, length8))} * 8;
    }

private:
    std::uint32_t at(std::size_t field) const noexcept {
        return ring::Geometry(ring_.size()).advance(start_, static_cast<std::uint32_t>(field));
    }
    ring::MappedRing& ring_;
    std::uint32_t start_;
};

void spoil_length(Packet& packet, Length how) noexcept {
    constexpr std::size_t kLength = offsetof(wire::PacketDescriptor, length8);
    constexpr std::size_t kOffset = offsetof(wire::PacketDescriptor, data_offset8);
    switch (how) {
        case Length::kBeyond: packet.set(kLength, kLengthBeyondIndex); break;
        case Length::kBelowOffset: packet.set(kLength, std::uint16_t{1}); break;
        case Length::kBadOffset: packet.set(kOffset, std::uint16_t{1}); break;
        case Length::kOntoFooter:
            packet.set(kLength, static_cast<std::uint16_t>(packet.get(kLength) + 1));
            break;
    }
}

std::uint32_t wrong_index(std::uint32_t start, std::uint32_t end, std::uint32_t size,
                          Index how) noexcept {
    switch (how) {
        case Index::kOutside: break;
        case Index::kUnaligned: return end < 4 ? end + 4 : end - 4;
        case Index::kBackwards: return ring::Geometry(size).advance(start, size - ring::kUnit * 8);
        case Index::kJump: return ring::Geometry(size).advance(end, size / 2);
    }
    return size + ring::kUnit;
}

std::uint32_t wrong_read_index(std::uint32_t in, std::uint32_t size, ReadIndex how) noexcept {
    switch (how) {
        case ReadIndex::kOutside: break;
        case ReadIndex::kUnaligned: return in < 4 ? in + 4 : in - 4;
        case ReadIndex::kAhead: return ring::Geometry(size).advance(in, ring::kUnit * 8);
    }
    return size + ring::kUnit;
}

void write_word(ring::MappedRing& from_guest, ring::MappedRing& to_guest,
                const FaultDetails& details) noexcept {
    switch (static_cast<Word>(details.how)) {
        case Word::kPending:
            // relaxed: garbage, ordered with nothing.
            to_guest.page().pending_send_size.store_relaxed(details.value);
            break;
        case Word::kFeatures:
            // relaxed: as above.
            to_guest.page().feature_bits.store_relaxed(details.value);
            break;
        case Word::kMask:
            // relaxed: as above.
            from_guest.page().interrupt_mask.store_relaxed(details.value);
            break;
    }
}

}  // namespace

void spoil_packet(ring::MappedRing& ring, std::uint32_t start, std::uint32_t end,
                  FaultPoint& faults) noexcept {
    Packet packet(ring, start);
    const std::size_t footer = packet.footer();
    if (footer < ring::Geometry(ring.size()).used(end, start) && faults.due(Fault::kBadFooter)) {
        packet.set(footer + 4, start + ring::kUnit);
    }
    if (const auto details = faults.due(Fault::kBadLength)) {
        spoil_length(packet, static_cast<Length>(details->how));
    }
    if (const auto details = faults.due(Fault::kBadFlags)) {
        packet.set(offsetof(wire::PacketDescriptor, flags),
                   static_cast<std::uint16_t>(details->value));
    }
    if (const auto details = faults.due(Fault::kUnknownPacketType)) {
        const bool gpa = static_cast<Type>(details->how) == Type::kGpaDirect;
        packet.set(offsetof(wire::PacketDescriptor, type), gpa ? kGpaDirectType : kUnknownType);
    }
}

void spoil_index(ring::MappedRing& ring, std::uint32_t start, FaultPoint& faults) noexcept {
    if (const auto details = faults.due(Fault::kBadIndex)) {
        auto& in = ring.page().in;
        // relaxed: garbage; the next packet puts the index right.
        in.store_relaxed(
            wrong_index(start, in.load_relaxed(), ring.size(), static_cast<Index>(details->how)));
    }
}

void spoil_read_index(ring::MappedRing& from_guest, const FaultDetails& details) noexcept {
    auto& page = from_guest.page();
    // relaxed: garbage; the next release puts the index right.
    page.out.store_relaxed(wrong_read_index(page.in.load_relaxed(), from_guest.size(),
                                            static_cast<ReadIndex>(details.how)));
}

void spoil_words(ring::MappedRing& from_guest, ring::MappedRing& to_guest, FaultPoint& faults,
                 Subject subject) noexcept {
    if (const auto details = faults.due(Fault::kForgedWord, subject)) {
        write_word(from_guest, to_guest, *details);
    }
}

}  // namespace vmbus::host
