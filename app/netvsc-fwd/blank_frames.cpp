#include "blank_frames.hpp"

#include <cstring>

namespace netvsc_fwd {
namespace {

void make_blank(rte_mbuf& segment, std::uint16_t length) {
    segment.data_len = length;
    std::memset(rte_pktmbuf_mtod(&segment, void*), 0, length);
}

}  // namespace

std::uint16_t BlankFrames::allocate(std::span<rte_mbuf*> room) {
    std::uint16_t made = 0;
    while (made < room.size() && (room[made] = chain()) != nullptr) {
        ++made;
    }
    return made;
}

rte_mbuf* BlankFrames::chain() {
    rte_mbuf* const head = rte_pktmbuf_alloc(pool_);
    rte_mbuf* last = head;
    for (std::size_t i = 0; last != nullptr; ++i) {
        make_blank(*last, lengths_[i]);
        if (i + 1 == lengths_.size()) {
            head->pkt_len = frame_bytes();
            head->nb_segs = static_cast<std::uint16_t>(lengths_.size());
            return head;
        }
        last->next = rte_pktmbuf_alloc(pool_);
        last = last->next;
    }
    // No buffer is left for the rest: all are on their way.
    for (rte_mbuf* segment = head; segment != nullptr;) {
        rte_mbuf* const next = segment->next;
        segment->next = nullptr;
        rte_pktmbuf_free_seg(segment);
        segment = next;
    }
    return nullptr;
}

}  // namespace netvsc_fwd
