// TxLine: what one transmit queue has on its way, and the lane it goes by. It belongs to the
// session and not to the queue, because the host may hold sections and pages longer than a queue
// lives. Slots: transmit thread. Lane: set by control threads while the queue is stopped. No DPDK.
#pragma once

#include <cstdint>

#include "net/netvsc/completion_queue.hpp"
#include "net/netvsc/lane.hpp"
#include "net/netvsc/tx_slots.hpp"

namespace vmbus::netvsc {

struct TxLine {
    TxLine(std::uint16_t queue, base::MutableBytes send_buffer, std::uint32_t section_bytes,
           std::uint32_t first_section, std::uint32_t count)
        : slots(queue, send_buffer, section_bytes, first_section, count), completions(count) {}

    bool ok() const noexcept { return slots.ok() && completions.ok(); }

    TxSlots slots;
    CompletionQueue completions;
    Lane* lane = nullptr;
    bool torn = false;  ///< a process died here: the slots may be half changed
};

}  // namespace vmbus::netvsc
