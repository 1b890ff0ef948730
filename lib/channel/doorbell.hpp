// How one side of a channel tells the other that there is something to look at.
// A Doorbell is a concept, so that tests can record rings. This is the guest's: a bit in the
// monitor page where the host gave the channel one, otherwise a bit in the interrupt page and a
// write to the UIO file, which makes the kernel signal the host. Owned by the channel; ring() may
// be called by any producer thread.
#pragma once

#include <concepts>
#include <cstdint>

#include "wire/signal_pages.hpp"

namespace vmbus::channel {

template <class D>
concept Doorbell = requires(D d) {
    { d.ring() }
    noexcept;
};

class GuestDoorbell {
public:
    /// Through the monitor page. Requires: monitor_id < 128.
    static GuestDoorbell monitored(wire::MonitorPage& page, std::uint8_t monitor_id) noexcept;
    /// Through the kernel: needs a uio_hv_generic that signals on write (Linux 6.10 and later).
    /// Requires: relid <= kMaxRelid; `uio_fd` stays open as long as the channel.
    static GuestDoorbell event(wire::InterruptPage& page, std::uint32_t relid, int uio_fd) noexcept;

    void ring() noexcept;

    /// In this process, which did not make the channel, its maker's file `theirs` is `ours`; -1: it
    /// has none any more. False when that is too many. Requires: no channel of that file rings
    /// meanwhile. One thread at a time.
    static bool translate(int theirs, int ours) noexcept;

    /// Relid or monitor id, for dumps.
    bool is_monitored() const noexcept { return uio_fd_ < 0; }

private:
    GuestDoorbell(base::Shared<std::uint32_t>& word, std::uint32_t bit, int uio_fd) noexcept
        : word_(&word), bit_(bit), uio_fd_(uio_fd) {}

    base::Shared<std::uint32_t>* word_;
    std::uint32_t bit_;
    int uio_fd_;
};
static_assert(Doorbell<GuestDoorbell>);

}  // namespace vmbus::channel
