// DPDK's rte_ring with elements as large as a packet is in our ring, on memory of our own, so that
// no EAL is needed. Same interface as the rings in ring_peers.hpp.
#pragma once

#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <bit>

#include "ring_peers.hpp"

namespace vmbus::bench {

class DpdkRing {
public:
    /// `flags` of rte_ring_init; the consumer must be single.
    DpdkRing(std::uint32_t payload_bytes, unsigned flags)
        : bytes_(ring::packet_bytes(0, payload_bytes)),
          slots_(std::bit_floor(static_cast<unsigned>(kDataBytes / bytes_))),
          block_(make_block(whole_pages(rte_ring_get_memsize_elem(bytes_, slots_)))),
          ring_(reinterpret_cast<rte_ring*>(block_.get())),
          source_(make_block(kMaxBurst * kMaxPacketBytes)),
          sink_(make_block(kMaxBurst * kMaxPacketBytes)) {
        rte_ring_init(ring_, "bench", slots_, flags | RING_F_SC_DEQ);
    }

    unsigned write(unsigned n) noexcept {
        return rte_ring_enqueue_burst_elem(ring_, source_.get(), bytes_, n, nullptr);
    }
    unsigned read(unsigned n) noexcept {
        return rte_ring_dequeue_burst_elem(ring_, sink_.get(), bytes_, n, nullptr);
    }

    /// As if the single consumer had taken everything.
    void discard() noexcept {
        const std::uint32_t all = ring_->prod.sync_type == RTE_RING_SYNC_MT_RTS
                                      ? ring_->rts_prod.tail.val.pos
                                      : ring_->prod.tail;
        ring_->cons.head = all;
        ring_->cons.tail = all;
    }

private:
    static std::size_t whole_pages(ssize_t bytes) noexcept {
        return (static_cast<std::size_t>(bytes) + kPageBytes - 1) / kPageBytes * kPageBytes;
    }

    std::uint32_t bytes_;
    unsigned slots_;
    Block block_;
    rte_ring* ring_;
    Block source_;
    Block sink_;
};

}  // namespace vmbus::bench
