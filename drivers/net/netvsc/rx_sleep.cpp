// RxQueue, for lcores that sleep: interrupts on, off, and what the interrupt thread does for it.
#include <cerrno>

#include "net/netvsc/rx.hpp"

namespace vmbus::netvsc {

/// Past rings are forgotten first: whatever they told of is looked at below.
int RxQueue::enable_interrupt() noexcept {
    bell.drain();
    bell.arm();
    if (lane_ == nullptr) {
        return 0;  // without a channel frames can only come through the VF
    }
    if (!lane_->alive()) {
        bell.wake();
        return -ENODEV;
    }
    if (!may_sleep()) {
        bell.wake();
    }
    return 0;
}

/// Unmasks the ring. False when there is something to do first. Requires: the bell is armed.
bool RxQueue::may_sleep() noexcept {
    const Ownership own(lane_->owner());
    if (!own) {
        return false;  // whoever reads the ring now may find something for this queue
    }
    inbound().finish();
    return !lane_->channel().rx().unmask_and_recheck() && !inbound().has_range() &&
           !inbound().acks_pending();
}

void RxQueue::disable_interrupt() noexcept {
    if (lane_ != nullptr && lane_->alive()) {
        lane_->channel().rx().mask();
    }
    bell.disarm();
}

void RxQueue::answer_interrupt() noexcept {
    if (lane_ != nullptr && lane_->alive() && lane_->channel().rx().mask_if_called()) {
        bell.wake();
    }
}

}  // namespace vmbus::netvsc
