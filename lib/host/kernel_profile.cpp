#include "host/kernel_profile.hpp"

#include <algorithm>
#include <array>

namespace vmbus::host {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kFourMiB = 4 << 20;

constexpr KernelProfile k5_15 = {.name = "5.15",
                                 .needs_monitor_bit = true,
                                 .masks_at_open = true,
                                 .masks_at_event = true,
                                 .write_masks_subchannels = false,
                                 .write_signals = WriteSignals::kNobody,
                                 .subchannel_interrupt_panics = true,
                                 .removal_waits_for_release = true,
                                 .ring_file_delay = 20ms,
                                 .ring_file_size = kFourMiB};

/// Each of the following says what it changed, with the commit's subject.
constexpr KernelProfile named(KernelProfile profile, std::string_view name) noexcept {
    profile.name = name;
    return profile;
}

constexpr KernelProfile k6_1 = named(k5_15, "6.1");

constexpr KernelProfile k6_1_156 = [] {
    auto profile = named(k6_1, "6.1.156");
    profile.removal_waits_for_release = false;  // "Fix rescind handling in uio_hv_generic"
    profile.masks_at_open = false;              // "Let userspace take care of interrupt mask"
    profile.masks_at_event = false;
    return profile;
}();

constexpr KernelProfile k6_1_159 = [] {
    auto profile = named(k6_1_156, "6.1.159");
    // "Enable user space to manage interrupt_mask for subchannels"
    profile.write_masks_subchannels = true;
    profile.subchannel_interrupt_panics = false;
    return profile;
}();

constexpr KernelProfile k6_12 = [] {
    auto profile = named(k6_1, "6.12");
    profile.needs_monitor_bit = false;  // "Enable interrupt for low speed VMBus devices"
    profile.write_signals = WriteSignals::kPrimary;
    profile.removal_waits_for_release = false;  // "Fix rescind handling in uio_hv_generic"
    return profile;
}();

constexpr KernelProfile k6_12_58 = [] {
    auto profile = named(k6_12, "6.12.58");
    profile.masks_at_open = false;  // "Let userspace take care of interrupt mask"
    profile.masks_at_event = false;
    profile.write_masks_subchannels = true;  // "Set event for all channels on the device"
    profile.write_signals = WriteSignals::kEveryChannel;
    profile.subchannel_interrupt_panics = false;
    return profile;
}();

constexpr KernelProfile k6_16 = [] {
    auto profile = named(k6_12, "6.16");
    profile.write_masks_subchannels = true;  // "Set event for all channels on the device"
    profile.write_signals = WriteSignals::kEveryChannel;
    profile.subchannel_interrupt_panics = false;
    profile.ring_file_delay = 1ms;  // "Fix sysfs creation path for ring buffer"
    profile.ring_file_size = 0;     // "Make the sysfs node size for the ring buffer dynamic"
    return profile;
}();

constexpr KernelProfile k6_18 = [] {
    auto profile = named(k6_16, "6.18");
    profile.masks_at_open = false;  // "Let userspace take care of interrupt mask"
    profile.masks_at_event = false;
    return profile;
}();

constexpr std::array kProfiles = {k5_15, k6_1, k6_1_156, k6_1_159, k6_12, k6_12_58, k6_16, k6_18};
constexpr std::size_t kDefault = 1;
static_assert(kProfiles[kDefault].name == "6.1", "what Debian 12 was released with");

}  // namespace

std::span<const KernelProfile> kernel_profiles() noexcept {
    return kProfiles;
}

const KernelProfile* find_kernel_profile(std::string_view name) noexcept {
    const auto* const found =
        std::find_if(kProfiles.begin(), kProfiles.end(),
                     [name](const KernelProfile& each) { return each.name == name; });
    return found == kProfiles.end() ? nullptr : found;
}

std::string release_of(const KernelProfile& profile) {
    const bool third = std::count(profile.name.begin(), profile.name.end(), '.') == 2;
    return std::string(profile.name) + (third ? "" : ".0") + "-vmbus-host";
}

const KernelProfile& default_kernel_profile() noexcept {
    return kProfiles[kDefault];
}

}  // namespace vmbus::host
