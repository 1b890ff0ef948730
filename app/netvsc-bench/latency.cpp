#include "latency.hpp"

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include <cstring>

#include "sizes.hpp"

namespace netvsc_bench {
namespace {

constexpr std::uint32_t kNumberAt = 46;  // behind the UDP header, inside the smallest frame
constexpr std::uint16_t kReceived = 32;

}  // namespace

RoundTrips::RoundTrips(const Port& port, const Options& options)
    : port_(port), size_(Sizes::named(options.size).of(0)) {}

void RoundTrips::reset() {
    cycles_ = {};
    lost_ = 0;
}

bool RoundTrips::one() {
    ++number_;
    const std::uint64_t start = rte_rdtsc();
    const std::uint64_t deadline = start + rte_get_tsc_hz() / 10;
    if (!send(deadline) || !await(deadline)) {
        ++lost_;
        return false;
    }
    cycles_.add(rte_rdtsc() - start);
    return true;
}

bool RoundTrips::send(std::uint64_t deadline) {
    rte_mbuf* packet = rte_pktmbuf_alloc(&port_.pool());
    if (packet == nullptr) {
        return false;
    }
    packet->data_len = size_;
    packet->pkt_len = size_;
    std::memcpy(rte_pktmbuf_mtod_offset(packet, char*, kNumberAt), &number_, sizeof number_);
    while (rte_eth_tx_burst(port_.id(), 0, &packet, 1) == 0) {
        if (rte_rdtsc() > deadline) {
            rte_pktmbuf_free(packet);
            return false;
        }
    }
    return true;
}

bool RoundTrips::await(std::uint64_t deadline) {
    rte_mbuf* packets[kReceived];
    while (rte_rdtsc() < deadline) {
        const std::uint16_t count = rte_eth_rx_burst(port_.id(), 0, packets, kReceived);
        bool found = false;
        for (std::uint16_t i = 0; i < count; ++i) {
            found |= carries_number(*packets[i]);
        }
        rte_pktmbuf_free_bulk(packets, count);
        if (found) {
            return true;
        }
    }
    return false;
}

bool RoundTrips::carries_number(const rte_mbuf& packet) const {
    return packet.data_len >= kNumberAt + sizeof number_ &&
           std::memcmp(rte_pktmbuf_mtod_offset(&packet, const char*, kNumberAt), &number_,
                       sizeof number_) == 0;
}

}  // namespace netvsc_bench
