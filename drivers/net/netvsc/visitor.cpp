#include "net/netvsc/visitor.hpp"

#include <rte_alarm.h>

#include <cstring>
#include <string>

#include "channel/doorbell.hpp"
#include "net/netvsc/live_process.hpp"
#include "net/netvsc/log.hpp"

namespace vmbus::netvsc {
namespace {

constexpr std::uint64_t kSoonUs = 10;
/// How long the primary process waits for us at most, when it calls the device back.
constexpr std::uint64_t kPeriodUs = 5'000;

const char* reason_of(Door::Refusal why) noexcept {
    switch (why) {
        case Door::Refusal::kNone: break;
        case Door::Refusal::kLends:
            return "the primary process lends received frames (rx_extmbuf_enable=1), which only "
                   "it can take back";
        case Door::Refusal::kInterrupts:
            return "the primary process has receive interrupts, which only it can raise";
    }
    return "";
}

}  // namespace

Visitor::Visitor(rte_eth_dev& ethdev, bus::Device& device, Door& door, bool knows_pools) noexcept
    : ethdev_(ethdev), device_(device), door_(door), knows_pools_(knows_pools) {
    for (std::uint16_t q = 0; q < kMaxQueues; ++q) {
        rx_[q] = {.visitor = this, .seat = &door.rx[q], .queue = q};
        tx_[q] = {.visitor = this, .seat = &door.tx[q], .queue = q};
        rx_table_[q] = &rx_[q];
        tx_table_[q] = &tx_[q];
    }
}

Visitor::~Visitor() {
    rte_eal_alarm_cancel(on_alarm, this);
    let_go();
}

/// A burst that comes to nothing costs two loads, when it is not the first one.
void Visitor::knock() noexcept {
    // relaxed: what is missed here comes with the next burst.
    if (knocked_.load_relaxed() == 0) {
        knocked_.store_relaxed(1);
    }
    if (looking_.load_relaxed() != 0) {
        return;
    }
    // sync visit.look: private; one of several lcores sets the alarm.
    if (looking_.exchange_acquire(1) == 0) {
        rte_eal_alarm_set(kSoonUs, on_alarm, this);
    }
}

void Visitor::on_alarm(void* self) noexcept {
    static_cast<Visitor*>(self)->look();
    rte_eal_alarm_set(kPeriodUs, on_alarm, self);
}

void Visitor::look() noexcept {
    // relaxed: only this thread changes it.
    const Door::Epoch mapped = mapped_.load_relaxed();
    const Door::Epoch announced = door_.announced();
    if (mapped != 0 && mapped != announced) {
        let_go();
    } else if (mapped == 0 && knocked_.load_relaxed() != 0) {  // relaxed: see knock()
        tell_refusal();
        if (announced != 0 && announced != refused_) {
            take();
        }
    }
}

void Visitor::tell_refusal() noexcept {
    const Door::Refusal why = door_.refusal();
    if (std::exchange(told_, why) != why && why != Door::Refusal::kNone) {
        log_line(LogType::kDriver, RTE_LOG_ERR, "%s: this process cannot send or receive: %s",
                 device_.name(), reason_of(why));
    }
}

void Visitor::take() noexcept {
    const Door::Epoch epoch = door_.hold();
    if (epoch == 0) {
        return;  // called back meanwhile, or too many have it
    }
    std::string problem;
    if (!map_device(problem)) {
        door_.let_go();
        refused_ = epoch;
        log_line(LogType::kDriver, RTE_LOG_ERR, "%s: this process cannot send or receive: %s",
                 device_.name(), problem.c_str());
        return;
    }
    // relaxed: see knock().
    knocked_.store_relaxed(0);
    // sync visit.mapped -> visit.use: mapped, before a burst may use it.
    mapped_.store_release(epoch);
}

bool Visitor::map_device(std::string& problem) noexcept {
    if (door_.process_namespace() != process_namespace()) {
        problem =
            "it is in another PID namespace than the primary process, which could not see "
            "it die";
        return false;
    }
    if (!knows_pools_) {
        problem = "it numbers the drivers of memory pools in another way than the primary process";
        return false;
    }
    if (device_.map_as(door_.places(), problem) != 0) {
        return false;
    }
    their_file_ = door_.places().uio_fd;
    if (!channel::GuestDoorbell::translate(their_file_, device_.uio_fd())) {
        problem = "too many NICs";
        device_.unmap();
        return false;
    }
    return true;
}

/// A burst that is still inside, whatever the primary process thinks of it, keeps its memory.
void Visitor::let_go() noexcept {
    // relaxed: who is inside is asked next, and who is not finds the door shut.
    if (mapped_.load_relaxed() == 0 || door_.i_am_inside()) {
        return;
    }
    mapped_.store_relaxed(0);
    channel::GuestDoorbell::translate(their_file_, -1);
    device_.unmap();
    door_.let_go();
}

}  // namespace vmbus::netvsc
