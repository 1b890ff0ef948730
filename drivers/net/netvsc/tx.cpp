#include "net/netvsc/tx.hpp"

#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <cerrno>

#include "net/netvsc/tx_batch.hpp"

namespace vmbus::netvsc {

void TxQueue::start(Session& session, const TxOptions& options, std::uint16_t queue) noexcept {
    options_ = options;
    const RndisLimits& host = session.rndis().limits();
    limits_ = {.bytes = std::min(session.facts().send.section_bytes, host.max_bytes),
               .max_packets = std::min(host.max_packets, options.max_shared_packets),
               .alignment = host.alignment,
               .shared_bytes = options.max_shared_bytes};
    usual_bytes_ = limits_.bytes > codec::packet_head_bytes(0)
                       ? std::min(options.copybreak, limits_.bytes - codec::packet_head_bytes(0))
                       : 0;
    line_ = &session.tx_line(queue);
}

bool TxQueue::may_send() noexcept {
    if (line_ == nullptr) [[unlikely]] {
        return false;
    }
    if (!line_->lane->alive()) [[unlikely]] {
        counters_[TxCount::kChannelLost].add(line_->lane->lost() ? 1 : 0);
        return false;
    }
    return line_->lane->sending();
}

std::uint16_t TxQueue::burst(rte_mbuf** packets, std::uint16_t count) noexcept {
    if (!may_send()) [[unlikely]] {
        return 0;
    }
    make_room(count);
    std::optional<Ownership> own;
    if (options_.single_producer) {
        own.emplace(line_->lane->owner());
        if (!*own) {
            counters_[TxCount::kOwnerBusy].add();
            return 0;
        }
        // Once more, by the owner: a dead one may have reserved what lies there half written.
        if (!may_send()) {
            return 0;
        }
    }
    bool signal = false;
    std::uint16_t sent = 0;
    while (sent < count) {
        const auto wanted =
            std::min<std::uint16_t>(static_cast<std::uint16_t>(count - sent), Batch::kMaxPackets);
        const std::uint16_t accepted = send(packets + sent, wanted, signal);
        sent = static_cast<std::uint16_t>(sent + accepted);
        if (accepted < wanted) {
            break;
        }
    }
    line_->lane->channel().ring_if(signal);
    return sent;
}

std::uint16_t TxQueue::prepare(rte_mbuf** packets, std::uint16_t count) const noexcept {
    for (std::uint16_t i = 0; i < count; ++i) {
        if (const int error = prepare_packet(*packets[i], options_.can); error != 0) {
            rte_errno = error;
            return i;
        }
    }
    return count;
}

std::uint16_t TxQueue::send(rte_mbuf** packets, std::uint16_t count, bool& signal) noexcept {
    Batch batch(*this, packets);
    std::uint16_t added = 0;
    while (added < count) {
        added = static_cast<std::uint16_t>(
            added + batch.add_usual(static_cast<std::uint16_t>(count - added)));
        if (added == count || !batch.add()) {
            break;
        }
        ++added;
    }
    const std::uint16_t accepted = batch.commit(signal);
    if (accepted < added) {
        counters_[TxCount::kRingFull].add();
    } else if (added < count) {
        counters_[TxCount::kNoSlot].add();
    }
    return accepted;
}

/// Collects completions: those that are here, and when slots are short or the ring was full, those
/// that still lie in the ring, if nobody else is reading it.
void TxQueue::make_room(std::uint16_t count) noexcept {
    reap();
    if (slots_low(count)) [[unlikely]] {
        line_->lane->poll();
        reap();
    }
}

bool TxQueue::slots_low(std::uint32_t wanted) const noexcept {
    const TxSlots& slots = line_->slots;
    const std::uint32_t outstanding = slots.outstanding();
    const std::uint32_t allowed = std::min<std::uint32_t>(ring_size_, slots.capacity());
    return outstanding >= allowed || allowed - outstanding < std::min(wanted, allowed / 2);
}

std::uint32_t TxQueue::reap(std::uint32_t most) noexcept {
    TxSlots& slots = line_->slots;
    std::uint32_t freed = 0;
    const auto end = [&](const TxCompletion& completion) {
        const auto slot = slots.complete(completion.id);
        if (!slot) [[unlikely]] {
            counters_[TxCount::kBadId].add();
            return;
        }
        if (slot->held != nullptr) {
            rte_pktmbuf_free(slot->held);
            ++freed;
        }
        if (!completion.success) [[unlikely]] {
            counters_[TxCount::kHostFailed].add(slots.packets(completion.id));
        }
    };
    line_->completions.take(end, most);
    return freed;
}

std::uint32_t TxQueue::clean_up(std::uint32_t most) noexcept {
    if (line_ == nullptr || !line_->lane->alive()) {
        return 0;
    }
    line_->lane->poll();
    return reap(most == 0 ? UINT32_MAX : most);
}

/// The first descriptors to come are free, the last ones are those that the host still has.
int TxQueue::descriptor_status(std::uint16_t offset) noexcept {
    if (offset >= ring_size_) {
        return -EINVAL;
    }
    if (line_ == nullptr || !line_->lane->alive()) {
        return RTE_ETH_TX_DESC_UNAVAIL;
    }
    make_room(1);
    const std::uint32_t allowed = std::min<std::uint32_t>(ring_size_, line_->slots.capacity());
    if (offset >= allowed) {
        return RTE_ETH_TX_DESC_UNAVAIL;
    }
    return offset < allowed - outstanding() ? RTE_ETH_TX_DESC_DONE : RTE_ETH_TX_DESC_FULL;
}

}  // namespace vmbus::netvsc
