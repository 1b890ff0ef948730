#include "net/netvsc/shared_state.hpp"

#include <rte_pause.h>

namespace vmbus::netvsc {
namespace {

/// Of some microseconds each; a writer takes as long.
constexpr unsigned kTries = 10'000;

}  // namespace

void SharedState::publish(const PortFacts& facts) noexcept {
    rte_seqlock_write_lock(&lock_);
    facts_ = facts;
    rte_seqlock_write_unlock(&lock_);
}

void SharedState::publish(const PortFigures& figures) noexcept {
    rte_seqlock_write_lock(&lock_);
    figures_ = figures;
    rte_seqlock_write_unlock(&lock_);
}

/// What was written to meanwhile is thrown away: it may be of two moments.
bool SharedState::copy(PortFacts& facts, PortFigures& figures) const noexcept {
    for (unsigned i = 0; i < kTries; ++i) {
        const std::uint32_t begun = rte_seqlock_read_begin(&lock_);
        facts = facts_;
        figures = figures_;
        if (!rte_seqlock_read_retry(&lock_, begun)) {
            return true;
        }
        rte_pause();
    }
    return false;
}

}  // namespace vmbus::netvsc
