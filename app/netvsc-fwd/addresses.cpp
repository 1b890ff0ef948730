#include "addresses.hpp"

#include <utility>

namespace netvsc_fwd {
namespace {

template <class Change>
std::uint16_t change_headers(std::span<rte_mbuf*> packets, Change change) {
    for (rte_mbuf* packet : packets) {
        if (packet->data_len >= sizeof(rte_ether_hdr)) {
            change(*rte_pktmbuf_mtod(packet, rte_ether_hdr*));
        }
    }
    return static_cast<std::uint16_t>(packets.size());
}

}  // namespace

std::uint16_t Readdress::arrived(std::span<rte_mbuf*> packets) {
    return change_headers(packets, [this](rte_ether_hdr& header) {
        header.src_addr = source_;
        header.dst_addr = destination_;
    });
}

std::uint16_t SwapAddresses::arrived(std::span<rte_mbuf*> packets) {
    return change_headers(
        packets, [](rte_ether_hdr& header) { std::swap(header.src_addr, header.dst_addr); });
}

}  // namespace netvsc_fwd
