// wire::PacketDescriptor as two words: the same bytes, but written with two stores and read with
// two loads. Field by field, a compiler merges the small fields with a mask each, or reads them
// back from the stack, and the address of the next packet waits for that. Pure values, any thread.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "wire/packet.hpp"

namespace vmbus::ring {

class Descriptor {
public:
    constexpr Descriptor() = default;
    constexpr Descriptor(wire::PacketType type, std::uint64_t data_offset8, std::uint64_t length8,
                         std::uint64_t flags, std::uint64_t transaction_id) noexcept
        : fields_(static_cast<std::uint64_t>(type) | data_offset8 << 16 | length8 << 32 |
                  flags << 48),
          transaction_id_(transaction_id) {}

    constexpr wire::PacketType type() const noexcept {
        return static_cast<wire::PacketType>(field(0));
    }
    constexpr std::uint32_t data_offset8() const noexcept { return field(16); }
    constexpr std::uint32_t length8() const noexcept { return field(32); }
    constexpr std::uint32_t flags() const noexcept { return field(48); }
    constexpr std::uint64_t transaction_id() const noexcept { return transaction_id_; }

private:
    constexpr std::uint32_t field(unsigned shift) const noexcept {
        return static_cast<std::uint16_t>(fields_ >> shift);
    }

    std::uint64_t fields_ = 0;
    std::uint64_t transaction_id_ = 0;
};
static_assert(
    std::bit_cast<std::array<std::uint64_t, 2>>(Descriptor(wire::PacketType::kCompletion, 2, 3, 4,
                                                           5)) ==
        std::bit_cast<std::array<std::uint64_t, 2>>(wire::PacketDescriptor{
            .type = 11, .data_offset8 = 2, .length8 = 3, .flags = 4, .transaction_id = 5}),
    "the two words are the struct");

}  // namespace vmbus::ring
