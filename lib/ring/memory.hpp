// Where a ring lives: the concept that writer and reader are generic over, and the implementation
// on mapped memory. Tests and the model checker bring their own.
// A MappedRing is a view: it owns nothing, and the mapping must outlive it.
#pragma once

#include <cerrno>
#include <concepts>
#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"
#include "base/copy.hpp"
#include "base/mapping.hpp"
#include "base/result.hpp"
#include "base/shared.hpp"
#include "ring/geometry.hpp"
#include "wire/ring_page.hpp"

namespace vmbus::ring {

/// `Word32`/`Word64` have the accessors of base::Shared; `page()` has the words of wire::RingPage.
/// copy_in/copy_out move bytes between private memory and the ring and wrap at its end once.
template <class M>
concept RingMemory = requires(M m, std::uint32_t at, base::Bytes in, base::MutableBytes out) {
    typename M::Word64;
    { m.size() } -> std::same_as<std::uint32_t>;
    {m.page()};
    {m.copy_in(at, in)};
    {m.copy_out(at, out)};
};

/// A ring whose bytes have addresses: those of a piece that does not wrap() lie at address(at).
/// For copying in and out without a wrap test for each part; what the peer can change is still
/// copied first and looked at then.
template <class M>
concept AddressableMemory = RingMemory<M> && requires(M m, std::uint32_t at, std::uint32_t bytes) {
    { m.wraps(at, bytes) } -> std::same_as<bool>;
    { m.address(at) } -> std::same_as<std::byte*>;
};

class MappedRing {
public:
    using Word32 = base::Shared<std::uint32_t>;
    using Word64 = base::Shared<std::uint64_t>;

    MappedRing(wire::RingPage& page, std::byte* data, std::uint32_t size) noexcept
        : page_(&page), data_(data), size_(size) {}

    /// Views one direction of a channel: a control page, then data from `header_bytes` on (the
    /// guest kernel's page size, which is larger than the control page on 64 KiB systems).
    /// EINVAL when the data is not a positive multiple of 4096 bytes below 4 GiB.
    static base::Result<MappedRing> view(base::MutableBytes half,
                                         std::size_t header_bytes) noexcept {
        if (header_bytes < sizeof(wire::RingPage) || half.size() <= header_bytes) {
            return base::Result<MappedRing>::error(EINVAL);
        }
        const std::size_t size = half.size() - header_bytes;
        if (size % base::kHvPageSize != 0 || size > UINT32_MAX) {
            return base::Result<MappedRing>::error(EINVAL);
        }
        auto* page = reinterpret_cast<wire::RingPage*>(half.data());
        return MappedRing(*page, half.data() + header_bytes, static_cast<std::uint32_t>(size));
    }

    wire::RingPage& page() const noexcept { return *page_; }
    std::uint32_t size() const noexcept { return size_; }

    /// Requires: at < size, bytes <= size.
    bool wraps(std::uint32_t at, std::uint32_t bytes) const noexcept { return bytes > size_ - at; }
    std::byte* address(std::uint32_t at) const noexcept { return data_ + at; }

    /// Requires: at < size, bytes.size() <= size.
    [[gnu::always_inline]] void copy_in(std::uint32_t at, base::Bytes bytes) const noexcept {
        if (bytes.size() <= size_ - at) [[likely]] {
            base::copy(data_ + at, bytes);
        } else {
            copy_in_two_pieces(at, bytes);
        }
    }
    [[gnu::always_inline]] void copy_out(std::uint32_t at,
                                         base::MutableBytes bytes) const noexcept {
        if (bytes.size() <= size_ - at) [[likely]] {
            base::copy_foreign(bytes.data(), data_ + at, bytes.size());
        } else {
            copy_out_two_pieces(at, bytes);
        }
    }

private:
    // Once a lap: out of the way of the rest.
    [[gnu::cold, gnu::noinline]] void copy_in_two_pieces(std::uint32_t at,
                                                         base::Bytes bytes) const noexcept {
        const std::size_t until_end = size_ - at;
        std::memcpy(data_ + at, bytes.data(), until_end);
        std::memcpy(data_, bytes.data() + until_end, bytes.size() - until_end);
    }
    [[gnu::cold, gnu::noinline]] void copy_out_two_pieces(std::uint32_t at,
                                                          base::MutableBytes bytes) const noexcept {
        const std::size_t until_end = size_ - at;
        std::memcpy(bytes.data(), data_ + at, until_end);
        std::memcpy(bytes.data() + until_end, data_, bytes.size() - until_end);
    }

    wire::RingPage* page_;
    std::byte* data_;
    std::uint32_t size_;
};
static_assert(AddressableMemory<MappedRing>);

/// Clears a control page for a new conversation and promises to honour pending_send_size.
/// Done by the side that sets the ring up, before the other side may look.
template <RingMemory Memory>
void initialise(Memory& memory) noexcept {
    // relaxed: the ring is handed over by other means than its words.
    memory.page().in.store_relaxed(0);
    memory.page().out.store_relaxed(0);
    memory.page().interrupt_mask.store_relaxed(0);
    // relaxed: as above.
    memory.page().pending_send_size.store_relaxed(0);
    memory.page().feature_bits.store_relaxed(wire::kFeaturePendingSendSize);
}

}  // namespace vmbus::ring
