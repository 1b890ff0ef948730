#include "latency.hpp"

#include <rte_cycles.h>

#include <cstring>

namespace netvsc_fwd {

std::uint16_t Latency::arrived(std::span<rte_mbuf*> packets) {
    const std::uint64_t now = rte_get_timer_cycles();
    for (const rte_mbuf* packet : packets) {
        TimeMark mark;
        if (packet->data_len < kMarkedBytes) {
            continue;
        }
        std::memcpy(&mark, rte_pktmbuf_mtod_offset(packet, const char*, sizeof(UdpHeaders)),
                    sizeof mark);
        if (mark.run == run_ && mark.sent_cycles <= now) {
            cycles_.add(now - mark.sent_cycles);
        }
    }
    rte_pktmbuf_free_bulk(packets.data(), static_cast<unsigned>(packets.size()));
    return 0;
}

std::uint16_t Latency::make(std::span<rte_mbuf*> room) {
    const std::uint64_t now = rte_get_timer_cycles();
    if (room.empty() || now < next_cycles_ || frames_.allocate(room.first(1)) == 0) {
        return 0;
    }
    next_cycles_ = now + rte_get_timer_hz() / kFramesPerSecond;
    const TimeMark mark{.run = run_, .sent_cycles = now};
    char* const frame = rte_pktmbuf_mtod(room[0], char*);
    const UdpHeaders headers =
        udp_headers(flow_, room[0]->pkt_len, std::as_bytes(std::span(&mark, 1)));
    std::memcpy(frame, &headers, sizeof headers);
    std::memcpy(frame + sizeof headers, &mark, sizeof mark);
    return 1;
}

}  // namespace netvsc_fwd
