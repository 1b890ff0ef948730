// TxSlots: what is on its way to the host. A slot owns one section of the send buffer for good and
// is either free or waits for one completion, which finds it by an id with a generation, never by a
// pointer. Freed slots are used again first, so the sections in use stay in the cache.
// Owned by the session (sections outlive a queue); transmit thread only. No DPDK.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/placed.hpp"
#include "channel/transactions.hpp"
#include "net/netvsc/control/mailbox.hpp"

struct rte_mbuf;

namespace vmbus::netvsc {

/// One message: either copied packets, or one packet whose pages the host reads.
struct TxSlot {
    rte_mbuf* held = nullptr;
};

class TxSlots {
public:
    /// Host's TX slots per channel (OpenVMM): more outstanding gains nothing.
    static constexpr std::uint32_t kMaxSlots = 4096;

    /// Sections from `first_section` on are ours. Requires: the buffer holds them all.
    TxSlots(std::uint16_t queue, base::MutableBytes send_buffer, std::uint32_t section_bytes,
            std::uint32_t first_section, std::uint32_t count)
        : table_(static_cast<std::uint16_t>(kTxSpace + queue), count),
          buffer_(send_buffer),
          section_bytes_(section_bytes),
          first_section_(first_section),
          packets_(base::make_placed_array<std::uint16_t>(count)) {}

    bool ok() const noexcept { return table_.capacity() != 0 && packets_ != nullptr; }
    std::uint32_t capacity() const noexcept { return table_.capacity(); }
    std::uint32_t outstanding() const noexcept { return table_.outstanding(); }
    std::uint32_t available() const noexcept { return table_.available(); }
    std::uint32_t section_bytes() const noexcept { return section_bytes_; }

    std::optional<std::uint64_t> begin(const TxSlot& slot) noexcept { return table_.begin(slot); }
    std::optional<TxSlot> complete(std::uint64_t id) noexcept { return table_.complete(id); }
    template <class Visit>
    void abandon_all(Visit&& visit) noexcept {
        table_.abandon_all(visit);
    }

    /// How many packets the slot's message carries. Requires: an id of begin().
    void set_packets(std::uint64_t id, std::uint16_t packets) noexcept {
        packets_[id & 0xFFFF] = packets;
    }
    /// Requires: an id that complete() has just ended.
    std::uint16_t packets(std::uint64_t id) const noexcept { return packets_[id & 0xFFFF]; }

    /// The number by which the host knows the slot's section. Requires: an id of begin().
    std::uint32_t section_index(std::uint64_t id) const noexcept {
        return first_section_ + static_cast<std::uint32_t>(id & 0xFFFF);
    }
    /// Written only: the host may change what is read back.
    base::MutableBytes section(std::uint64_t id) const noexcept {
        return section_at(section_index(id));
    }
    /// That of the slot which begin() takes next; empty where none is free.
    base::MutableBytes upcoming_section() const noexcept {
        const auto next = table_.upcoming();
        return next ? section_at(first_section_ + *next) : base::MutableBytes();
    }

private:
    base::MutableBytes section_at(std::uint32_t index) const noexcept {
        return buffer_.subspan(std::size_t{index} * section_bytes_, section_bytes_);
    }

    channel::Transactions<TxSlot> table_;
    base::MutableBytes buffer_;
    std::uint32_t section_bytes_;
    std::uint32_t first_section_;
    base::PlacedArray<std::uint16_t> packets_;
};

}  // namespace vmbus::netvsc
