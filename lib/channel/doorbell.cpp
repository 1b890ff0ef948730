#include "channel/doorbell.hpp"

#include <unistd.h>

namespace vmbus::channel {

GuestDoorbell GuestDoorbell::monitored(wire::MonitorPage& page, std::uint8_t monitor_id) noexcept {
    return {page.trigger[monitor_id / wire::kMonitorBitsPerGroup].pending,
            1U << monitor_id % wire::kMonitorBitsPerGroup, -1};
}

GuestDoorbell GuestDoorbell::event(wire::InterruptPage& page, std::uint32_t relid,
                                   int uio_fd) noexcept {
    return {page.guest_to_host[relid / 32], 1U << relid % 32, uio_fd};
}

void GuestDoorbell::ring() noexcept {
    // Both sides modify this word, so it is changed by one atomic operation, never load and store.
    // sync trigger.set -> trigger.take: after in.publish, which the host must see when it looks.
    word_->fetch_or_seq_cst(bit_);
    if (uio_fd_ >= 0) {
        constexpr std::int32_t kEnable = 1;
        // A failure means that the device is gone; whoever reads the fd learns that.
        [[maybe_unused]] const auto written = ::write(uio_fd_, &kEnable, sizeof kEnable);
    }
}

}  // namespace vmbus::channel
