#include "mode.hpp"

#include <utility>

namespace netvsc_fwd {

namespace {

template <class Change>
void change_headers(std::span<rte_mbuf*> packets, Change change) {
    for (rte_mbuf* packet : packets) {
        if (packet->data_len >= sizeof(rte_ether_hdr)) {
            change(*rte_pktmbuf_mtod(packet, rte_ether_hdr*));
        }
    }
}

}  // namespace

std::uint16_t Work::operator()(std::span<rte_mbuf*> packets) const {
    const auto count = static_cast<std::uint16_t>(packets.size());
    switch (mode) {
        case Mode::kIo: return count;
        case Mode::kMac:
            change_headers(packets, [this](rte_ether_hdr& header) {
                header.src_addr = source;
                header.dst_addr = destination;
            });
            return count;
        case Mode::kMacSwap:
            change_headers(packets, [](rte_ether_hdr& header) {
                std::swap(header.src_addr, header.dst_addr);
            });
            return count;
        case Mode::kReceiveOnly: break;
    }
    rte_pktmbuf_free_bulk(packets.data(), count);
    return 0;
}

}  // namespace netvsc_fwd
