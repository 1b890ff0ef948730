// KernelRelease: the version of the running kernel, as far as it decides what may be asked of
// uio_hv_generic. The kernel tells of none of its abilities in another way.
// Pure but for running(). Source: Linux drivers/uio/uio_hv_generic.c; dates in
// docs/nics/netvsc.md, "Receive interrupts".
#pragma once

#include <sys/utsname.h>

#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmbus::bus {

struct KernelRelease {
    unsigned major = 0;
    unsigned minor = 0;

    friend constexpr auto operator<=>(const KernelRelease&, const KernelRelease&) = default;

    /// "6.16.0-1-amd64" -> 6.16. Nothing when it does not begin with two numbers.
    static std::optional<KernelRelease> parse(std::string_view text) noexcept {
        KernelRelease release;
        const char* const end = text.data() + text.size();
        const auto [dot, error] = std::from_chars(text.data(), end, release.major);
        if (error != std::errc{} || dot == end || *dot != '.' ||
            std::from_chars(dot + 1, end, release.minor).ec != std::errc{}) {
            return std::nullopt;
        }
        return release;
    }
    /// Whether a kernel of this name is known to have what came with this release.
    bool is_in(std::string_view running) const noexcept {
        const auto known = parse(running);
        return known && *known >= *this;
    }
    /// What uname(2) calls the running kernel; empty when it does not say.
    static std::string running() noexcept {
        utsname names{};
        return ::uname(&names) == 0 ? names.release : "";
    }
};

/// From this release on an interrupt of a sub-channel is delivered. Before, the callback follows a
/// pointer that sub-channels do not have, and the kernel panics; some stable kernels have the fix
/// as well, but their release does not tell which ("uio_hv_generic: Set event for all channels on
/// the device").
inline constexpr KernelRelease kInterruptsSubChannels{6, 16};

/// From this release on a write to the UIO file signals the host on every channel without a monitor
/// bit; before, at best on the primary. It came with the same change.
inline constexpr KernelRelease kSignalsSubChannels = kInterruptsSubChannels;

/// What is expected of the kernel for sub-channels, where only its release could tell.
enum class SubChannelTrust : std::uint8_t {
    kByRelease,  ///< what it is known for
    kNone,       ///< nothing: the primary channel is as good as alone
    kAll,        ///< all, on the user's word: it has the fix, though its release does not tell
};

/// The one place where that is decided. `since`: the release that brought what is asked about.
inline bool trusts_sub_channels(SubChannelTrust trust, KernelRelease since,
                                std::string_view running) noexcept {
    return trust == SubChannelTrust::kAll ||
           (trust == SubChannelTrust::kByRelease && since.is_in(running));
}

}  // namespace vmbus::bus
