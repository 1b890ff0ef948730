#include "forward.hpp"

#include <rte_cycles.h>
#include <rte_ethdev.h>

namespace netvsc_fwd {

void Forwarder::turn(std::uint64_t now_cycles) {
    if (first_ == end_) {
        if (run_.mode.receives && route_.from) {
            receive(now_cycles);
        }
        if (run_.mode.makes) {
            make(now_cycles);
        }
    }
    send(now_cycles);
}

void Forwarder::receive(std::uint64_t now_cycles) {
    // Of a mode that makes packets, those count, not what arrives.
    const std::uint16_t most = run_.mode.makes ? run_.burst : run_.budget.take(run_.burst);
    if (most == 0) {
        return;
    }
    const std::uint16_t count =
        rte_eth_rx_burst(route_.from->port, route_.from->number, packets_.data(), most);
    const std::span packets(packets_.data(), count);
    if (run_.capture != nullptr && !run_.mode.sends && count != 0) {
        run_.capture->write(packets);
    }
    const std::uint16_t left = count == 0 ? std::uint16_t{0} : work_->arrived(packets);
    if (run_.capture != nullptr && left != 0) {
        run_.capture->write(packets.first(left));
    }
    if (!run_.mode.makes) {
        run_.budget.give_back(static_cast<std::uint16_t>(most - count));
        run_.budget.done(static_cast<std::uint64_t>(count - left));
    }
    counters_.received.add(count);
    counters_.consumed.add(static_cast<std::uint64_t>(count - left));
    first_ = 0;
    end_ = left;
    last_progress_ = now_cycles;
}

void Forwarder::make(std::uint64_t now_cycles) {
    const std::uint16_t most = run_.budget.take(run_.burst);
    const std::uint16_t made = most == 0 ? most : work_->make({packets_.data(), most});
    run_.budget.give_back(static_cast<std::uint16_t>(most - made));
    if (run_.capture != nullptr && made != 0) {
        run_.capture->write({packets_.data(), made});
    }
    first_ = 0;
    end_ = made;
    last_progress_ = now_cycles;
}

void Forwarder::send(std::uint64_t now_cycles) {
    if (first_ == end_) {
        return;
    }
    const auto waiting = static_cast<std::uint16_t>(end_ - first_);
    const std::uint16_t sent =
        rte_eth_tx_burst(route_.to.port, route_.to.number, packets_.data() + first_, waiting);
    counters_.sent.add(sent);
    run_.budget.done(sent);
    first_ = static_cast<std::uint16_t>(first_ + sent);
    if (sent != 0) {
        last_progress_ = now_cycles;
    } else if (now_cycles - last_progress_ > rte_get_timer_hz() / MS_PER_S * kPatienceMs) {
        give_up();
    }
}

void Forwarder::give_up() {
    const auto left = static_cast<unsigned>(end_ - first_);
    rte_pktmbuf_free_bulk(packets_.data() + first_, left);
    counters_.dropped.add(left);
    run_.budget.done(left);
    first_ = end_;
}

bool Forwarder::last_turn(std::uint64_t now_cycles) {
    if (first_ == end_ && run_.mode.mode == Mode::kLatency && route_.from) {
        receive(now_cycles);
        return true;
    }
    send(now_cycles);
    return first_ != end_;
}

}  // namespace netvsc_fwd
