// Batch: up to 32 packets on their way into the ring, encoded but not yet sent. It lives on the
// stack of one burst. Messages own a slot each; commit() sends the first of them for which there is
// room, and undoes the others. Transmit thread. See tx.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "net/netvsc/tx.hpp"
#include "net/netvsc/tx_info.hpp"

namespace vmbus::netvsc {

class TxQueue::Batch {
public:
    static constexpr std::uint16_t kMaxPackets = kMaxBatch;

    Batch(TxQueue& queue, rte_mbuf** packets) noexcept
        : queue_(queue), slots_(queue.line_->slots), packets_(packets) {}

    /// Encodes the next packet. False when no slot is free.
    bool add() noexcept;
    /// Encodes as many of the next `count` packets as are usual: one segment to be copied, of which
    /// nothing is said. Stops before another one, which add() takes, and where no slot is free.
    std::uint16_t add_usual(std::uint16_t count) noexcept;
    /// Sends what was added, as far as there is room. Returns how many packets are not the
    /// caller's any more: sent, or dropped because they can never be sent.
    std::uint16_t commit(bool& signal) noexcept;

private:
    enum class Fate : std::uint8_t { kCopied, kHeld, kEmpty, kTooLong };
    struct Message {
        std::uint64_t id;
        std::uint32_t section_bytes;
        std::uint16_t packets;
        std::uint16_t first_packet;
        std::uint16_t list_at;  ///< in lists_
        std::uint16_t list_bytes;
    };
    static constexpr unsigned kMaxRanges = 32;  // Linux and FreeBSD send no more
    /// Of one packet's list of pages: its header, the ranges, and the pages of 64 KiB, each range
    /// with one more at either end.
    static constexpr std::size_t kMaxListBytes = 8 + kMaxRanges * (8 + 2 * 8) + 16 * 8;
    /// The pages of a packet, and how many of its segments are copied because there are too many.
    struct Pages {
        std::size_t list_bytes = 0;
        std::uint32_t copied_segments = 0;
        std::uint32_t copied_bytes = 0;
    };

    bool add_copied(const rte_mbuf& mbuf, const TxInfo& tx, std::uint32_t length) noexcept;
    bool add_direct(rte_mbuf& mbuf, const TxInfo& tx, std::uint32_t length,
                    const Pages& pages) noexcept;
    std::optional<Pages> choose_copied(const rte_mbuf& mbuf, const TxInfo& tx) const noexcept;
    Pages list_pages(const rte_mbuf& mbuf, const TxInfo& tx) noexcept;
    std::optional<std::uint64_t> open_message(const TxSlot& slot) noexcept;
    std::size_t publish(bool& signal) noexcept;
    void write(ring::Filler<ring::MappedRing>& filler, const Message& message) noexcept;
    void undo_from(std::size_t message) noexcept;
    bool open_section() noexcept;
    void fetch_upcoming() noexcept;
    void note_section() noexcept;
    void settle(std::uint16_t accepted) noexcept;
    void settle_copied() noexcept;
    bool slot_free() const noexcept;

    TxQueue& queue_;
    TxSlots& slots_;
    rte_mbuf** packets_;
    std::optional<SectionWriter> section_;  ///< of the last message, while packets may join it
    std::uint16_t count_ = 0;
    std::uint16_t messages_ = 0;
    std::uint16_t usual_ = 0;        ///< of count_, those of add_usual()
    std::uint64_t usual_bytes_ = 0;  ///< theirs
    // Not initialised: only what was added is read.
    std::array<Fate, kMaxPackets> fates_;
    std::array<Message, kMaxPackets> message_;
    std::size_t lists_used_ = 0;
    std::array<std::byte, kMaxListBytes * kMaxPackets> lists_;  ///< one after the other
};

}  // namespace vmbus::netvsc
