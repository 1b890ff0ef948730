// One received packet, validated: bytes of the ring -> descriptor in private memory plus bounds
// that hold. Everything is copied out of the ring at most once by whoever asks for it; no pointer
// into memory that the peer can change leaves this file.
// A view is valid until the reader releases the packet. Docs: docs/wire.md, "Packets".
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
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

    wire::PacketType type() const noexcept {
        return static_cast<wire::PacketType>(descriptor_.type);
    }
    std::uint64_t transaction_id() const noexcept { return descriptor_.transaction_id; }
    bool completion_requested() const noexcept {
        return (descriptor_.flags & wire::kCompletionRequested) != 0;
    }
    std::uint32_t payload_size() const noexcept {
        return (descriptor_.length8 - descriptor_.data_offset8) * kUnit;
    }
    /// What the packet occupies in the ring, footer included.
    std::uint32_t ring_bytes() const noexcept { return descriptor_.length8 * kUnit + kFooterBytes; }

    /// Copies payload bytes [offset, offset + to.size()). False when they do not lie inside.
    bool copy_payload(std::uint32_t offset, base::MutableBytes to) const noexcept {
        return copy_within(descriptor_.data_offset8 * kUnit, payload_size(), offset, to);
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
        wire::TransferPageRange range;
        const std::uint32_t offset =
            kTransferHeaderBytes + i * static_cast<std::uint32_t>(sizeof range);
        memory_->copy_out(Geometry(memory_->size()).advance(at_, offset),
                          std::as_writable_bytes(std::span(&range, 1)));
        return range;
    }

    /// GPA-direct only: size of the list of ranges, and a copy of part of it.
    std::uint32_t gpa_list_size() const noexcept {
        return descriptor_.data_offset8 * kUnit - kGpaHeaderBytes;
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
        if (!to.empty()) {
            memory_->copy_out(Geometry(memory_->size()).advance(at_, area + offset), to);
        }
        return true;
    }
    PacketError parse_header_by_type() noexcept;
    template <class T>
    T header_after_descriptor() const noexcept {
        T header;
        memory_->copy_out(Geometry(memory_->size()).advance(at_, kDescriptorBytes),
                          std::as_writable_bytes(std::span(&header, 1)));
        return header;
    }

    const Memory* memory_ = nullptr;
    std::uint32_t at_ = 0;
    wire::PacketDescriptor descriptor_{};
    std::uint32_t range_count_ = 0;
    std::uint16_t pageset_id_ = 0;
};

template <RingMemory Memory>
PacketError BasicPacketView<Memory>::parse(const Memory& memory, std::uint32_t at,
                                           std::uint32_t available,
                                           FooterCheck footer_check) noexcept {
    if (available < kDescriptorBytes) {
        return PacketError::kShortData;
    }
    memory_ = &memory;
    at_ = at;
    memory.copy_out(at, std::as_writable_bytes(std::span(&descriptor_, 1)));
    if (descriptor_.data_offset8 < 2 || descriptor_.length8 < descriptor_.data_offset8 ||
        available < ring_bytes()) {
        return PacketError::kBadLengths;
    }
    if ((descriptor_.flags & ~wire::kCompletionRequested) != 0) {
        return PacketError::kBadFlags;
    }
    if (footer_check == FooterCheck::kStrict) {
        wire::PacketFooter footer;
        memory.copy_out(Geometry(memory.size()).advance(at, ring_bytes() - kFooterBytes),
                        std::as_writable_bytes(std::span(&footer, 1)));
        if (footer.start != at) {
            return PacketError::kBadFooter;
        }
    }
    return parse_header_by_type();
}

template <RingMemory Memory>
PacketError BasicPacketView<Memory>::parse_header_by_type() noexcept {
    range_count_ = 0;
    pageset_id_ = 0;
    const std::uint32_t header_bytes = descriptor_.data_offset8 * kUnit;
    switch (type()) {
        case wire::PacketType::kInBand:
        case wire::PacketType::kCompletion: return PacketError::kNone;
        case wire::PacketType::kTransferPages: {
            if (header_bytes < kTransferHeaderBytes) {
                return PacketError::kBadLengths;
            }
            const auto header = header_after_descriptor<wire::TransferPagesHeader>();
            const std::uint32_t room = header_bytes - kTransferHeaderBytes;
            if (header.range_count > room / sizeof(wire::TransferPageRange)) {
                return PacketError::kBadRangeCount;
            }
            range_count_ = header.range_count;
            pageset_id_ = header.pageset_id;
            return PacketError::kNone;
        }
        case wire::PacketType::kGpaDirect: {
            if (header_bytes < kGpaHeaderBytes) {
                return PacketError::kBadLengths;
            }
            const auto header = header_after_descriptor<wire::GpaDirectHeader>();
            const std::uint32_t room = header_bytes - kGpaHeaderBytes;
            if (header.range_count == 0 ||
                header.range_count > room / sizeof(wire::GpaRangeHeader)) {
                return PacketError::kBadRangeCount;
            }
            range_count_ = header.range_count;
            return PacketError::kNone;
        }
    }
    return PacketError::kBadType;
}

using PacketView = BasicPacketView<MappedRing>;
extern template class BasicPacketView<MappedRing>;

}  // namespace vmbus::ring
