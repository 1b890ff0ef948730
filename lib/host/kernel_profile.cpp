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

// Changes that more than one release got, under the subjects of their commits.

/// "Fix rescind handling in uio_hv_generic"
constexpr void fix_rescind_handling(KernelProfile& profile) noexcept {
    profile.removal_waits_for_release = false;
}
/// "Let userspace take care of interrupt mask"
constexpr void let_userspace_mask(KernelProfile& profile) noexcept {
    profile.masks_at_open = false;
    profile.masks_at_event = false;
}
/// "Set event for all channels on the device"
constexpr void set_event_for_all_channels(KernelProfile& profile) noexcept {
    profile.write_masks_subchannels = true;
    profile.write_signals = WriteSignals::kEveryChannel;
    profile.subchannel_interrupt_panics = false;
}

constexpr KernelProfile k6_1 = named(k5_15, "6.1");

constexpr KernelProfile k6_1_156 = [] {
    auto profile = named(k6_1, "6.1.156");
    fix_rescind_handling(profile);
    let_userspace_mask(profile);
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
    fix_rescind_handling(profile);
    return profile;
}();

constexpr KernelProfile k6_12_58 = [] {
    auto profile = named(k6_12, "6.12.58");
    let_userspace_mask(profile);
    set_event_for_all_channels(profile);
    return profile;
}();

constexpr KernelProfile k6_16 = [] {
    auto profile = named(k6_12, "6.16");
    set_event_for_all_channels(profile);
    profile.ring_file_delay = 1ms;  // "Fix sysfs creation path for ring buffer"
    profile.ring_file_size = 0;     // "Make the sysfs node size for the ring buffer dynamic"
    return profile;
}();

constexpr KernelProfile k6_18 = [] {
    auto profile = named(k6_16, "6.18");
    let_userspace_mask(profile);
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
