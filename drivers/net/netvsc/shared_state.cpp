#include "net/netvsc/shared_state.hpp"

#include <rte_pause.h>

namespace vmbus::netvsc {
namespace {

/// A copy takes some microseconds; this is some hundred times that.
constexpr unsigned kTries = 1'000'000;

}  // namespace

void SharedState::publish(const PortFacts& facts) noexcept {
    rte_spinlock_lock(&lock_);
    facts_ = facts;
    rte_spinlock_unlock(&lock_);
}

void SharedState::publish(const PortFigures& figures) noexcept {
    rte_spinlock_lock(&lock_);
    figures_ = figures;
    rte_spinlock_unlock(&lock_);
}

bool SharedState::copy(PortFacts& facts, PortFigures& figures) const noexcept {
    for (unsigned i = 0; i < kTries; ++i) {
        if (rte_spinlock_trylock(&lock_) != 0) {
            facts = facts_;
            figures = figures_;
            rte_spinlock_unlock(&lock_);
            return true;
        }
        rte_pause();
    }
    return false;
}

}  // namespace vmbus::netvsc
