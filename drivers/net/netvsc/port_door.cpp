// Secondary processes on the queues of a port: when they may come in, how they are made to leave,
// and what is done about those that died inside. docs/nics/netvsc.md, "Secondary processes".
#include <array>
#include <chrono>
#include <cstdio>
#include <mutex>

#include "net/netvsc/live_process.hpp"
#include "net/netvsc/log.hpp"
#include "net/netvsc/patience.hpp"
#include "net/netvsc/port.hpp"
#include "net/netvsc/telemetry.hpp"

namespace vmbus::netvsc {
namespace {

/// A burst takes microseconds, but its thread may be kept from the processor.
constexpr std::chrono::milliseconds kToLeave{2000};
/// Processes look every few milliseconds whether they are to unmap the device.
constexpr std::chrono::milliseconds kToUnmap{2000};

bool is_dead(int process) noexcept {
    return !process_lives(process);
}

}  // namespace

/// The queues run: others may use them as well, where nothing keeps them from it.
void Port::open_door() noexcept {
    if (arguments_.rx_extmbuf) {
        door_.refuse(Door::Refusal::kLends);
    } else if (ethdev_.data->dev_conf.intr_conf.rxq != 0) {
        door_.refuse(Door::Refusal::kInterrupts);
    } else {
        if (door_.announced() == 0) {
            door_.announce(device_.places(), process_namespace());
        }
        door_.open();
    }
}

/// When this returns, no burst of another process is inside, and none comes in. One that will not
/// leave keeps what it uses: that is never freed.
void Port::shut_door() noexcept {
    door_.shut();
    const bool empty = done_within(kToLeave, [this] {
        const std::lock_guard guard(telemetry::mutex());
        bury_the_dead();
        return door_.is_empty();
    });
    if (empty || std::exchange(haunted_, true)) {
        return;
    }
    log_line(LogType::kDriver, RTE_LOG_ERR,
             "%s: another process does not come out of a burst: the port is out of service",
             device_.name());
    if (session_ != nullptr) {
        session_->fail(Health::kTorn);
        session_->keep_for_ever();
    }
}

/// When this returns, no other process has the device mapped, or it is said which one has.
void Port::recall_device() noexcept {
    shut_door();
    door_.recall();
    if (done_within(kToUnmap, [this] { return door_.for_each_holder(is_dead) == 0; })) {
        return;
    }
    door_.for_each_holder([this](int process) {
        log_line(LogType::kDriver, RTE_LOG_ERR,
                 "%s: process %d does not let go of the device, so the host cannot reset it",
                 device_.name(), process);
        return false;
    });
}

bool Port::is_used_elsewhere() noexcept {
    return door_.for_each_holder(is_dead) != 0;
}

/// Requires: telemetry::mutex() is held.
void Port::bury_the_dead() noexcept {
    door_.for_each_inside([this](Door::Seat& seat, bool is_rx, std::uint16_t queue) {
        const std::uint32_t tag = Door::taken_by(seat);
        if (tag != 0 && is_dead(process_of(tag))) {
            bury(tag, is_rx, queue);
            Door::leave(seat);
        }
    });
}

/// The lane that a burst on the queue touches; nullptr: the queue is stopped, or has none.
Lane* Port::lane_of(bool is_rx, std::uint16_t queue) const noexcept {
    if (is_rx) {
        return rx(queue) == nullptr ? nullptr : rx(queue)->lane();
    }
    return tx(queue) == nullptr ? nullptr : tx(queue)->lane();
}

/// What the dead process was about to change may be half changed: nobody uses the lane any more,
/// and the mbufs that the queue had in hand are given up. A burst without a lane changes nothing.
void Port::bury(std::uint32_t tag, bool is_rx, std::uint16_t queue) noexcept {
    Lane* const lane = haunted_ || session_ == nullptr ? nullptr : lane_of(is_rx, queue);
    if (lane == nullptr) {
        return;
    }
    const std::uint16_t number = session_->number_of(*lane);
    session_->lose(number, tag);
    std::uint32_t unknown = 0;
    if (is_rx) {
        unknown = rx(queue)->forget_mbufs();
    } else {
        unknown = tx(queue)->outstanding();
        session_->tx_line(queue).torn = true;
    }
    std::array<char, 16> what{"the port"};
    if (number != 0) {
        std::snprintf(what.data(), what.size(), "channel %u", number);
    }
    log_line(LogType::kDriver, RTE_LOG_ERR,
             "%s: process %d died in a burst on %s queue %u: %s is out of service until a reset; "
             "%u %s",
             device_.name(), process_of(tag), is_rx ? "receive" : "transmit", queue, what.data(),
             unknown,
             is_rx ? "mbufs are lost" : "messages were on their way, and their mbufs are lost");
}

Port::ShutDoor::ShutDoor(Port& port) noexcept : port_(port.door_.is_open() ? &port : nullptr) {
    if (port_ != nullptr) {
        port_->shut_door();
    }
}

Port::ShutDoor::~ShutDoor() {
    if (port_ != nullptr) {
        port_->door_.open();
    }
}

}  // namespace vmbus::netvsc
