// Generated frames: what they look like, and the mark in their payload that tells the sink which
// one it is and when it was sent. Pure functions.
//
// The mark is 18 bytes: source, flow and sequence in one word, the time of sending, and a word that
// makes the one's complement sum of all of them 0xFFFF, whatever they are. So a frame is made once,
// checksums included, and sending it again costs three stores.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "host/port_spec.hpp"

namespace vmbus::host {

struct GenMark {
    static constexpr std::size_t kBytes = 18;
    static constexpr unsigned kSequenceBits = 44;
    static constexpr unsigned kFlowBits = 12;

    std::uint8_t source = 0;
    std::uint16_t flow = 0;      ///< 12 bits
    std::uint64_t sequence = 0;  ///< within the flow, 44 bits
    std::uint64_t time_ns = 0;
};

/// The mark as it lies in a frame.
struct PackedMark {
    std::uint64_t identity;
    std::uint64_t time_ns;

    /// One's complement: the 64-bit sum with its carry added is worth the sum of its words. A half
    /// is added to the other with the carry by adding the halves the other way round as well: the
    /// carry of the lower sum goes into the upper one.
    constexpr std::uint16_t balance() const noexcept {
        std::uint64_t sum = identity + time_ns;
        sum += sum < identity ? 1U : 0U;
        sum += std::rotr(sum, 32);
        auto word = static_cast<std::uint32_t>(sum >> 32);
        word += std::rotr(word, 16);
        return static_cast<std::uint16_t>(~(word >> 16));
    }
};

constexpr PackedMark pack(const GenMark& mark) noexcept {
    constexpr std::uint64_t kSequence = (std::uint64_t{1} << GenMark::kSequenceBits) - 1;
    return {std::uint64_t{mark.source} << (GenMark::kSequenceBits + GenMark::kFlowBits) |
                std::uint64_t{mark.flow} << GenMark::kSequenceBits | (mark.sequence & kSequence),
            mark.time_ns};
}

/// Writes a mark at `at`.  Requires: it fits.
inline void put_mark(base::MutableBytes frame, std::size_t at, const PackedMark& mark) noexcept {
    base::store_at(frame, at, mark.identity);
    base::store_at(frame, at + 8, mark.time_ns);
    base::store_at(frame, at + 16, mark.balance());
}

/// Finds and checks the mark of a generated frame; nothing in any other frame, or in one that was
/// damaged. The frame may be memory that somebody changes meanwhile.
std::optional<GenMark> read_mark(base::Bytes frame) noexcept;

/// Bytes in front of the mark.
std::size_t gen_header_bytes(const GenPortSpec& spec) noexcept;

/// One frame of `length` bytes of a flow, with an empty mark and valid checksums.
/// Requires: length >= gen_header_bytes(spec) + GenMark::kBytes.
std::vector<std::byte> make_gen_frame(const GenPortSpec& spec, std::size_t length,
                                      std::size_t flow);

}  // namespace vmbus::host
