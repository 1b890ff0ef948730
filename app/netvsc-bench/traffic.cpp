#include "traffic.hpp"

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include <span>

/// What is measured: the driver's burst functions with ethdev's thin layer around them.
/// tools/bench counts instructions inside these two by name.
extern "C" {
[[gnu::noinline]] std::uint16_t measured_rx_burst(std::uint16_t port, std::uint16_t queue,
                                                  rte_mbuf** packets, std::uint16_t count) {
    return rte_eth_rx_burst(port, queue, packets, count);
}
[[gnu::noinline]] std::uint16_t measured_tx_burst(std::uint16_t port, std::uint16_t queue,
                                                  rte_mbuf** packets, std::uint16_t count) {
    return rte_eth_tx_burst(port, queue, packets, count);
}
}

namespace netvsc_bench {
namespace {

std::uint64_t bytes_of(std::span<rte_mbuf* const> packets) {
    std::uint64_t bytes = 0;
    for (const rte_mbuf* packet : packets) {
        bytes += packet->pkt_len;
    }
    return bytes;
}

}  // namespace

void Traffic::turn() {
    switch (mode_) {
        case Mode::kTransmit: return transmit();
        case Mode::kReceive: return receive();
        case Mode::kForward: return forward();
        case Mode::kLatency: return;
    }
}

void Traffic::transmit() {
    if (first_ == end_ && !make_packets()) {
        return;
    }
    send();
}

void Traffic::receive() {
    const std::uint16_t count = take();
    const std::span packets(packets_.data(), count);
    counters_.packets += count;
    counters_.bytes += bytes_of(packets);
    rte_pktmbuf_free_bulk(packets.data(), count);
}

void Traffic::forward() {
    if (first_ == end_) {
        first_ = 0;
        end_ = take();
    }
    if (first_ != end_) {
        send();
    }
}

bool Traffic::make_packets() {
    if (rte_pktmbuf_alloc_bulk(&pool_, packets_.data(), burst_) != 0) {
        return false;  // all are on their way
    }
    for (rte_mbuf* packet : std::span(packets_.data(), burst_)) {
        const std::uint16_t size = sizes_.of(made_++);
        packet->data_len = size;
        packet->pkt_len = size;
    }
    first_ = 0;
    end_ = burst_;
    return true;
}

std::uint16_t Traffic::take() {
    const std::uint64_t before = rte_rdtsc();
    const std::uint16_t count = measured_rx_burst(port_, queue_, packets_.data(), burst_);
    ++counters_.calls;
    if (count == 0) {
        ++counters_.idle_calls;
    } else {
        counters_.busy_cycles += rte_rdtsc() - before;
    }
    return count;
}

void Traffic::send() {
    const auto waiting = static_cast<std::uint16_t>(end_ - first_);
    // Once sent, a packet is the driver's: its length is read before.
    const std::span packets(packets_.data() + first_, waiting);
    const std::uint64_t all_bytes = bytes_of(packets);
    const std::uint64_t before = rte_rdtsc();
    const std::uint16_t sent = measured_tx_burst(port_, queue_, packets.data(), waiting);
    const std::uint64_t cycles = rte_rdtsc() - before;
    ++counters_.calls;
    if (sent == 0) {
        ++counters_.idle_calls;
        return;
    }
    counters_.busy_cycles += cycles;
    first_ = static_cast<std::uint16_t>(first_ + sent);
    counters_.packets += sent;
    counters_.bytes += all_bytes - bytes_of(packets.subspan(sent));
}

void Traffic::finish() {
    if (first_ != end_) {
        rte_pktmbuf_free_bulk(packets_.data() + first_, static_cast<unsigned>(end_ - first_));
        first_ = end_;
    }
}

}  // namespace netvsc_bench
