#include "generators.hpp"

namespace netvsc_fwd {

std::vector<UdpHeaders> headers_of_flows(const UdpFlow& first, unsigned flows,
                                         std::uint32_t frame_bytes) {
    std::vector<UdpHeaders> all;
    for (unsigned i = 0; i < flows; ++i) {
        UdpFlow flow = first;
        flow.destination_ip += i;
        flow.source_port = static_cast<std::uint16_t>(flow.source_port + i);
        all.push_back(udp_headers(flow, frame_bytes));
    }
    return all;
}

std::uint16_t Generator::arrived(std::span<rte_mbuf*> packets) {
    rte_pktmbuf_free_bulk(packets.data(), static_cast<unsigned>(packets.size()));
    return 0;
}

std::uint16_t Generator::make(std::span<rte_mbuf*> room) {
    const std::uint16_t made = frames_.allocate(room);
    for (rte_mbuf* packet : room.first(made)) {
        *rte_pktmbuf_mtod(packet, UdpHeaders*) = flows_[next_flow_];
        next_flow_ = next_flow_ + 1 == flows_.size() ? 0 : next_flow_ + 1;
    }
    return made;
}

}  // namespace netvsc_fwd
