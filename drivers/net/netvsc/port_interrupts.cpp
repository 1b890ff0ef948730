// Receive interrupts of a port: which queues have one, and what ethdev asks of them.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bus/vmbus/kernel_release.hpp"
#include "net/netvsc/log.hpp"
#include "net/netvsc/port.hpp"

namespace vmbus::netvsc {

/// Queue 0 always; those on sub-channels where the kernel is known to survive their interrupts, or
/// where the device arguments say so.
std::uint16_t Port::queues_with_interrupts() const noexcept {
    const std::uint16_t all = ethdev_.data->nb_rx_queues;
    if (all <= 1 || arguments_.rx_interrupts == bus::SubChannelTrust::kNone) {
        return std::min<std::uint16_t>(all, 1);
    }
    const std::string kernel = bus::KernelRelease::running();
    if (bus::kInterruptsSubChannels.is_in(kernel)) {
        return all;
    }
    const bool believed =
        bus::trusts_sub_channels(arguments_.rx_interrupts, bus::kInterruptsSubChannels, kernel);
    log_line(LogType::kDriver, believed ? RTE_LOG_NOTICE : RTE_LOG_WARNING,
             "%s: of %u receive queues %s interrupts: those of sub-channels are known to be safe "
             "from Linux %u.%u on, and this is %s",
             device_.name(), all,
             believed ? "all have, as rx_interrupts says," : "only queue 0 has",
             bus::kInterruptsSubChannels.major, bus::kInterruptsSubChannels.minor,
             kernel.empty() ? "unknown" : kernel.c_str());
    return believed ? all : 1;
}

/// As the application has configured it.
int Port::open_rx_interrupts() noexcept {
    if (ethdev_.data->dev_conf.intr_conf.rxq == 0 || ethdev_.data->nb_rx_queues == 0) {
        return 0;
    }
    const int error = receivers_.open(queues_with_interrupts());
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
