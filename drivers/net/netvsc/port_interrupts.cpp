// Receive interrupts of a port: which queues have one, and what ethdev asks of them.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bus/vmbus/kernel_release.hpp"
#include "net/netvsc/log.hpp"
#include "net/netvsc/port.hpp"

namespace vmbus::netvsc {

/// As the application has configured it; of queues on sub-channels only where the kernel is known
/// to survive their interrupts.
int Port::open_rx_interrupts() noexcept {
    if (ethdev_.data->dev_conf.intr_conf.rxq == 0 || ethdev_.data->nb_rx_queues == 0) {
        return 0;
    }
    std::uint16_t queues = ethdev_.data->nb_rx_queues;
    const std::string kernel = bus::KernelRelease::running();
    if (queues > 1 && !bus::interrupts_sub_channels(kernel)) {
        log_line(LogType::kDriver, RTE_LOG_WARNING,
                 "%s: of %u receive queues only queue 0 has interrupts: those of sub-channels are "
                 "known to be safe from Linux %u.%u on, and this is %s",
                 device_.name(), queues, bus::kInterruptsSubChannels.major,
                 bus::kInterruptsSubChannels.minor, kernel.empty() ? "unknown" : kernel.c_str());
        queues = 1;
    }
    const int error = receivers_.open(queues);
    if (error != 0) {
        log_line(LogType::kDriver, RTE_LOG_ERR, "%s: receive interrupts: %s", device_.name(),
                 std::strerror(-error));
    }
    return error;
}

int Port::enable_rx_interrupt(std::uint16_t id) noexcept {
    return receivers_.offers(id) ? rx(id)->enable_interrupt() : -ENOTSUP;
}

int Port::disable_rx_interrupt(std::uint16_t id) noexcept {
    if (!receivers_.offers(id)) {
        return -ENOTSUP;
    }
    rx(id)->disable_interrupt();
    return 0;
}

}  // namespace vmbus::netvsc
