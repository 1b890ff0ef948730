// One received packet, validated: bytes of the ring -> descriptor in private memory plus bounds
// that hold. Everything is copied out of the ring at most once by whoever asks for it; no pointer
// into memory that the peer can change leaves this file.
// A view is valid until the reader releases the packet. Docs: docs/wire.md, "Packets".
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/copy.hpp"
#include "ring/descriptor.hpp"
#include "ring/geometry.hpp"
#include "ring/memory.hpp"
#include "wire/packet.hpp"

namespace vmbus::ring {

/// Why bytes of a ring are not a packet. Each is one lie of the peer and has its own counter.
enum class PacketError : std::uint8_t {
    kNone,
    kShortData,      ///< less than a descriptor between the indices
    kBadLengths,     ///< header, payload and what is available contradict each other
    kBadFlags,       ///< a flag other than "completion requested"
    kBadType,        ///< a packet type that no netvsc uses
    kBadRangeCount,  ///< ranges announced that do not fit the header, or none
    kBadFooter,      ///< the footer names another start
    kBadIndex,       ///< the peer's write index is not an index
};
const char* to_string(PacketError error) noexcept;
inline constexpr std::size_t kPacketErrors = 8;

enum class FooterCheck : bool { kIgnore, kStrict };

/// The header after the descriptor, by type.
inline constexpr std::uint32_t kTransferHeaderBytes =
    kDescriptorBytes + sizeof(wire::TransferPagesHeader);
inline constexpr std::uint32_t kGpaHeaderBytes = kDescriptorBytes + sizeof(wire::GpaDirectHeader);

template <RingMemory Memory>
class BasicPacketView {
public:
    BasicPacketView() = default;

    wire::PacketType type() const noexcept { return descriptor_.type(); }
    std::uint64_t transaction_id() const noexcept { return descriptor_.transaction_id(); }
    bool completion_requested() const noexcept {
        return (descriptor_.flags() & wire::kCompletionRequested) != 0;
    }
    std::uint32_t payload_size() const noexcept {
        return (descriptor_.length8() - descriptor_.data_offset8()) * kUnit;
    }
    /// What the packet occupies in the ring, footer included.
    std::uint32_t ring_bytes() const noexcept {
        return descriptor_.length8() * kUnit + kFooterBytes;
    }

    /// The whole packet without its footer.
    std::uint32_t packet_size() const noexcept { return descriptor_.length8() * kUnit; }
    /// Copies it. Requires: to.size() == packet_size().
    void copy_packet(base::MutableBytes to) const noexcept { memory_->copy_out(at_, to); }

    /// Copies payload bytes [offset, offset + to.size()). False when they do not lie inside.
    bool copy_payload(std::uint32_t offset, base::MutableBytes to) const noexcept {
        return copy_within(descriptor_.data_offset8() * kUnit, payload_size(), offset, to);
    }
    template <class T>
    std::optional<T> payload(std::uint32_t offset = 0) const noexcept {
        T value;
        if (!copy_payload(offset, std::as_writable_bytes(std::span<T, 1>(&value, 1)))) {
            return std::nullopt;
        }
        return value;
    }

    /// The announced number of ranges of a transfer-page or GPA-direct packet; otherwise 0.
    std::uint32_t range_count() const noexcept { return range_count_; }
    /// Transfer pages only: the buffer that the ranges lie in.
    std::uint16_t pageset_id() const noexcept { return pageset_id_; }

    /// Range i of a transfer-page packet, copied once. Requires: i < range_count().
    wire::TransferPageRange transfer_range(std::uint32_t i) const noexcept {
        using Range = wire::TransferPageRange;
        return copy_at<Range>(*memory_, at_,
                              kTransferHeaderBytes + i * static_cast<std::uint32_t>(sizeof(Range)));
    }

    /// Ranges from `first` on, each copied once. Requires: first + to.size() <= range_count().
    void copy_ranges(std::uint32_t first, std::span<wire::TransferPageRange> to) const noexcept {
        const auto offset = first * static_cast<std::uint32_t>(sizeof(wire::TransferPageRange));
        memory_->copy_out(Geometry(memory_->size()).advance(at_, kTransferHeaderBytes + offset),
                          std::as_writable_bytes(to));
    }

    /// GPA-direct only: size of the list of ranges, and a copy of part of it.
    std::uint32_t gpa_list_size() const noexcept {
        return descriptor_.data_offset8() * kUnit - kGpaHeaderBytes;
    }
    bool copy_gpa_list(std::uint32_t offset, base::MutableBytes to) const noexcept {
        return copy_within(kGpaHeaderBytes, gpa_list_size(), offset, to);
    }

    /// Reads the packet at `at`, of which `available` bytes are readable. On kNone the view is set
    /// and ring_bytes() <= available. Requires: at a valid index, available <= size.
    PacketError parse(const Memory& memory, std::uint32_t at, std::uint32_t available,
                      FooterCheck footer_check) noexcept;

private:
    bool copy_within(std::uint32_t area, std::uint32_t area_size, std::uint32_t offset,
                     base::MutableBytes to) const noexcept {
        if (offset > area_size || area_size - offset < to.size()) {
            return false;
        }
        if constexpr (AddressableMemory<Memory>) {
            if (!memory_->wraps(at_, ring_bytes())) [[likely]] {
                base::copy_foreign(to.data(), memory_->address(at_) + area + offset, to.size());
                return true;
            }
        }
        if (!to.empty()) {
            memory_->copy_out(Geometry(memory_->size()).advance(at_, area + offset), to);
        }
        return true;
    }
    /// What follows the descriptor of a packet with ranges.
    struct RangeHeader {
        PacketError error = PacketError::kNone;
        std::uint16_t pageset_id = 0;
        std::uint32_t range_count = 0;
    };
    RangeHeader header_by_type() const noexcept;
    // Both by value: a view of which nobody holds the address can live in registers.
    static RangeHeader transfer_header(const Memory& memory, std::uint32_t at,
                                       std::uint32_t header_bytes) noexcept;
    static RangeHeader gpa_header(const Memory& memory, std::uint32_t at,
                                  std::uint32_t header_bytes) noexcept;
    PacketError accept(const RangeHeader& header) noexcept {
        range_count_ = header.range_count;
        pageset_id_ = header.pageset_id;
        return header.error;
    }
    template <class T>
    static T copy_at(const Memory& memory, std::uint32_t at) noexcept {
        T value;
        memory.copy_out(at, std::as_writable_bytes(std::span<T, 1>(&value, 1)));
        return value;
    }
    template <class T>
    static T copy_at(const Memory& memory, std::uint32_t at, std::uint32_t offset) noexcept {
        return copy_at<T>(memory, Geometry(memory.size()).advance(at, offset));
    }

    const Memory* memory_ = nullptr;
    std::uint32_t at_ = 0;
    Descriptor descriptor_;
    std::uint32_t range_count_ = 0;
    std::uint16_t pageset_id_ = 0;
};

template <RingMemory Memory>
[[gnu::always_inline]] inline PacketError BasicPacketView<Memory>::parse(
    const Memory& memory, std::uint32_t at, std::uint32_t available,
    FooterCheck footer_check) noexcept {
    if (available < kDescriptorBytes) {
        return PacketError::kShortData;
    }
    memory_ = &memory;
    at_ = at;
    descriptor_ = copy_at<Descriptor>(memory, at);
    if (descriptor_.data_offset8() < 2 || descriptor_.length8() < descriptor_.data_offset8() ||
        available < ring_bytes()) {
        return PacketError::kBadLengths;
    }
    if ((descriptor_.flags() & ~std::uint32_t{wire::kCompletionRequested}) != 0) {
        return PacketError::kBadFlags;
    }
    if (footer_check == FooterCheck::kStrict) {
        const auto footer = copy_at<wire::PacketFooter>(memory, at, ring_bytes() - kFooterBytes);
        if (footer.start != at) {
            return PacketError::kBadFooter;
        }
    }
    return accept(header_by_type());
}

template <RingMemory Memory>
inline auto BasicPacketView<Memory>::header_by_type() const noexcept -> RangeHeader {
    const std::uint32_t header_bytes = descriptor_.data_offset8() * kUnit;
    switch (type()) {
        [[likely]] case wire::PacketType::kInBand : case wire::PacketType::kCompletion : return {};
        case wire::PacketType::kTransferPages: return transfer_header(*memory_, at_, header_bytes);
        case wire::PacketType::kGpaDirect: return gpa_header(*memory_, at_, header_bytes);
    }
    return {PacketError::kBadType};
}

template <RingMemory Memory>
inline auto BasicPacketView<Memory>::transfer_header(const Memory& memory, std::uint32_t at,
                                                     std::uint32_t header_bytes) noexcept
    -> RangeHeader {
    if (header_bytes < kTransferHeaderBytes) {
        return {PacketError::kBadLengths};
    }
    const auto header = copy_at<wire::TransferPagesHeader>(memory, at, kDescriptorBytes);
    const std::uint32_t room = header_bytes - kTransferHeaderBytes;
    if (header.range_count > room / sizeof(wire::TransferPageRange)) {
        return {PacketError::kBadRangeCount};
    }
    return {PacketError::kNone, header.pageset_id, header.range_count};
}

template <RingMemory Memory>
inline auto BasicPacketView<Memory>::gpa_header(const Memory& memory, std::uint32_t at,
                                                std::uint32_t header_bytes) noexcept
    -> RangeHeader {
    if (header_bytes < kGpaHeaderBytes) {
        return {PacketError::kBadLengths};
    }
    const auto header = copy_at<wire::GpaDirectHeader>(memory, at, kDescriptorBytes);
    const std::uint32_t room = header_bytes - kGpaHeaderBytes;
    if (header.range_count == 0 || header.range_count > room / sizeof(wire::GpaRangeHeader)) {
        return {PacketError::kBadRangeCount};
    }
    return {PacketError::kNone, 0, header.range_count};
}

using PacketView = BasicPacketView<MappedRing>;
extern template class BasicPacketView<MappedRing>;

}  // namespace vmbus::ring
