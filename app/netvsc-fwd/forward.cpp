#include "forward.hpp"

#include <rte_cycles.h>
#include <rte_ethdev.h>

namespace netvsc_fwd {

void Forwarder::turn(std::uint64_t now_cycles) {
    if (first_ == end_) {
        first_ = 0;
        end_ = rte_eth_rx_burst(from_.port, from_.number, packets_.data(), burst_);
        if (end_ == 0) {
            return;
        }
        counters_.received += end_;
        last_progress_ = now_cycles;
        const std::uint16_t left = work_({packets_.data(), end_});
        counters_.consumed += end_ - left;
        end_ = left;
    }
    send(now_cycles);
}

void Forwarder::send(std::uint64_t now_cycles) {
    if (first_ == end_) {
        return;
    }
    const auto waiting = static_cast<std::uint16_t>(end_ - first_);
    const std::uint16_t sent =
        rte_eth_tx_burst(to_.port, to_.number, packets_.data() + first_, waiting);
    counters_.sent += sent;
    first_ = static_cast<std::uint16_t>(first_ + sent);
    if (sent != 0) {
        last_progress_ = now_cycles;
    } else if (now_cycles - last_progress_ > rte_get_timer_hz() / MS_PER_S * kPatienceMs) {
        finish();
    }
}

void Forwarder::finish() {
    const auto left = static_cast<unsigned>(end_ - first_);
    rte_pktmbuf_free_bulk(packets_.data() + first_, left);
    counters_.dropped += left;
    first_ = end_;
}

}  // namespace netvsc_fwd
