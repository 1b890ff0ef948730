// KernelProfile: in what the guest kernels of the last years differ, as one table of named
// behaviours, so that a driver can be tested against each. A profile without a third number is that
// mainline release as it came out; one with it is the stable kernel from that one on.
//
// Constant data. Source: Linux drivers/uio/uio_hv_generic.c and drivers/hv/vmbus_drv.c of each
// release; docs/emulator.md has the table in words.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vmbus::host {

/// Whom the kernel signals when the guest writes 1 to /dev/uioN. Only channels without a monitor
/// bit: the others have the monitor page.
enum class WriteSignals : std::uint8_t { kNobody, kPrimary, kEveryChannel };

struct KernelProfile {
    std::string_view name;
    /// uio_hv_generic refuses to bind a channel that has no monitor bit.
    bool needs_monitor_bit;
    /// The inbound ring is masked when its channel is opened; later kernels leave what was there.
    bool masks_at_open;
    /// Each interrupt masks the ring it came from; later kernels leave that to user space.
    bool masks_at_event;
    /// write() sets the mask of every channel, not of the primary alone.
    bool write_masks_subchannels;
    WriteSignals write_signals;
    /// The callback follows a pointer that subchannels do not have: the guest's kernel panics.
    bool subchannel_interrupt_panics;
    /// A device that is held open stays in sysfs after its rescind, until it is released.
    bool removal_waits_for_release;
    /// How long after uioN `ring` appears. In the kernel it is a moment; here long enough to meet.
    std::chrono::milliseconds ring_file_delay;
    /// What stat() says of `ring`; 0: the truth.
    std::uint64_t ring_file_size;
};

/// Oldest first.
std::span<const KernelProfile> kernel_profiles() noexcept;
/// nullptr: there is none of that name.
const KernelProfile* find_kernel_profile(std::string_view name) noexcept;
/// What uname() says of the release: "6.18.0-vmbus-host".
std::string release_of(const KernelProfile& profile);
/// That of Debian 12.
const KernelProfile& default_kernel_profile() noexcept;

}  // namespace vmbus::host
