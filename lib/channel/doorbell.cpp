#include "channel/doorbell.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace vmbus::channel {
namespace {

/// The files of other processes, as this one knows them. None in the process that makes channels.
struct Translation {
    int theirs = -1;
    int ours = -1;
};
constexpr std::size_t kMostFiles = 32;
constinit std::array<Translation, kMostFiles> translations{};

int in_this_process(int file) noexcept {
    for (const Translation& known : translations) {
        if (known.theirs == file) {
            return known.ours;
        }
    }
    return file;
}

}  // namespace

GuestDoorbell GuestDoorbell::monitored(wire::MonitorPage& page, std::uint8_t monitor_id) noexcept {
    return {page.trigger[monitor_id / wire::kMonitorBitsPerGroup].pending,
            1U << monitor_id % wire::kMonitorBitsPerGroup, -1};
}

GuestDoorbell GuestDoorbell::event(wire::InterruptPage& page, std::uint32_t relid,
                                   int uio_fd) noexcept {
    return {page.guest_to_host[relid / 32], 1U << relid % 32, uio_fd};
}

bool GuestDoorbell::translate(int theirs, int ours) noexcept {
    const auto place_of = [](int file) {
        return std::find_if(translations.begin(), translations.end(),
                            [file](const Translation& known) { return known.theirs == file; });
    };
    auto place = place_of(theirs);
    if (place == translations.end()) {
        place = place_of(-1);
    }
    if (place == translations.end()) {
        return false;
    }
    *place = ours < 0 ? Translation{} : Translation{theirs, ours};
    return true;
}

void GuestDoorbell::ring() noexcept {
    // Both sides modify this word, so it is changed by one atomic operation, never load and store.
    // sync trigger.set -> trigger.take: after in.publish, which the host must see when it looks.
    word_->fetch_or_seq_cst(bit_);
    if (uio_fd_ >= 0) {
        constexpr std::int32_t kEnable = 1;
        // A failure means that the device is gone; whoever reads the fd learns that.
        [[maybe_unused]] const auto written =
            ::write(in_this_process(uio_fd_), &kEnable, sizeof kEnable);
    }
}

}  // namespace vmbus::channel
