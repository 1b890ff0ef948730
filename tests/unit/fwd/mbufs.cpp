#include "mbufs.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace netvsc_fwd::test {

rte_mempool& pool() {
    static rte_mempool* const all =
        rte_pktmbuf_pool_create("unit_fwd", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    if (all == nullptr) {
        throw std::runtime_error("packet buffers");
    }
    return *all;
}

unsigned in_use() {
    return rte_mempool_in_use_count(&pool());
}

rte_mbuf* mbuf_of(const FrameBytes& frame, std::size_t segment_bytes) {
    rte_mbuf* const head = rte_pktmbuf_alloc(&pool());
    rte_mbuf* last = head;
    for (std::size_t at = 0; at < frame.size();) {
        if (at != 0) {
            rte_mbuf* const next = rte_pktmbuf_alloc(&pool());
            last->next = next;
            last = next;
            ++head->nb_segs;
        }
        const std::size_t length = std::min(segment_bytes, frame.size() - at);
        std::memcpy(rte_pktmbuf_mtod(last, void*), frame.data() + at, length);
        last->data_len = static_cast<std::uint16_t>(length);
        at += length;
    }
    head->pkt_len = static_cast<std::uint32_t>(frame.size());
    return head;
}

FrameBytes bytes_of(const rte_mbuf& packet) {
    FrameBytes bytes;
    for (const rte_mbuf* segment = &packet; segment != nullptr; segment = segment->next) {
        const auto* const from = rte_pktmbuf_mtod(segment, const std::uint8_t*);
        bytes.insert(bytes.end(), from, from + segment->data_len);
    }
    return bytes;
}

}  // namespace netvsc_fwd::test
