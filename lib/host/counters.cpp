#include "host/counters.hpp"

namespace vmbus::host {

const char* to_string(Drop drop) noexcept {
    switch (drop) {
        case Drop::kTxRefused: return "tx_refused";
        case Drop::kTxLinkDown: return "tx_link_down";
        case Drop::kTxAboveMtu: return "tx_above_mtu";
        case Drop::kRxAboveMtu: return "rx_above_mtu";
        case Drop::kRxUndersized: return "rx_undersized";
        case Drop::kControlQueueFull: return "control_queue_full";
    }
    return "unknown";
}

}  // namespace vmbus::host
