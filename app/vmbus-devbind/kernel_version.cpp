#include "kernel_version.hpp"

#include <array>
#include <charconv>

namespace vmbus::devbind {
namespace {

// A source of a bug is the subject of the commit that brought or repaired it, or where it was
// reported.
constexpr std::string_view kPanic =
    "an interrupt of a sub-channel brings the kernel down (NULL in hv_uio_channel_cb)";
constexpr std::string_view kPanicRemedy =
    "install a later kernel of this series; until then use one queue";
constexpr std::string_view kPanicSource =
    "Debian bug 1120602; brought by \"uio_hv_generic: Let userspace take care of interrupt mask\" "
    "(CVE-2025-40048), repaired by \"uio_hv_generic: Set event for all channels on the device\"";

constexpr KernelBug panic(KernelVersion first, KernelVersion beyond, bool certain) {
    return {.first = first,
            .beyond = beyond,
            .certain = certain,
            .word = "kernel-subchannel-panic",
            .what = kPanic,
            .remedy = kPanicRemedy,
            .source = kPanicSource};
}

constexpr unsigned kAnyPatch = 100000;

constexpr std::array kBugs = {
    panic({6, 1, 156}, {6, 1, 159}, true),
    panic({6, 12, 53}, {6, 12, 58}, true),
    // The repair came in the last weeks of 2025; with which of these releases is not known here.
    panic({5, 4, 301}, {5, 4, kAnyPatch}, false),
    panic({5, 10, 246}, {5, 10, kAnyPatch}, false),
    panic({5, 15, 195}, {5, 15, kAnyPatch}, false),
    panic({6, 6, 112}, {6, 6, kAnyPatch}, false),
    KernelBug{
        .first = {4, 16, 0},
        .beyond = {5, 15, 0},
        .certain = false,
        .word = "kernel-unbind-crash",
        .what = "unbinding a NIC from uio_hv_generic can bring the kernel down",
        .remedy = "to give a NIC back, reboot; or install Linux 5.15 or later",
        .source = "linux-hyperv, 2021: memory freed twice on unbind, repaired in 5.14 and 5.15"},
    KernelBug{.first = {4, 16, 0},
              .beyond = {4, 18, 0},
              .certain = true,
              .word = "kernel-no-driver-override",
              .what = "a NIC can be bound by the id of its class only, and not persistently",
              .remedy = "install Linux 4.18 or later",
              .source = "driver_override of vmbus came with Linux 4.18"},
    KernelBug{.first = {4, 16, 0},
              .beyond = {6, 1, 156},
              .certain = false,
              .word = "kernel-rescind-oops",
              .what = "a NIC that the host takes away while it is in use can bring the kernel down",
              .remedy = "install 6.1.156, 6.12 or later; until then stop the application before "
                        "the host's administrator removes the NIC",
              .source =
                  "\"uio_hv_generic: Fix kernel NULL pointer dereference in hv_uio_rescind\", "
                  "2024"},
    KernelBug{.first = {6, 2, 0},
              .beyond = {6, 12, 0},
              .certain = false,
              .word = "kernel-rescind-oops",
              .what = "a NIC that the host takes away while it is in use can bring the kernel down",
              .remedy = "install Linux 6.12 or later; until then stop the application before the "
                        "host's administrator removes the NIC",
              .source =
                  "\"uio_hv_generic: Fix kernel NULL pointer dereference in hv_uio_rescind\", "
                  "2024"},
};

/// The number at the front of `text`, which moves on; nothing when there is none.
std::optional<unsigned> take_number(std::string_view& text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take(std::string_view& text, char c) {
    const bool there = text.starts_with(c);
    text.remove_prefix(there ? 1 : 0);
    return there;
}

std::optional<KernelVersion> version_after(const std::string& text, std::string_view marker) {
    const auto at = text.rfind(marker);
    return at == std::string::npos
               ? std::nullopt
               : parse_kernel_version(std::string_view(text).substr(at + marker.size()));
}

}  // namespace

std::optional<KernelVersion> parse_kernel_version(std::string_view text) {
    KernelVersion version;
    const auto major = take_number(text);
    if (!major || !take(text, '.')) {
        return std::nullopt;
    }
    const auto minor = take_number(text);
    if (!minor) {
        return std::nullopt;
    }
    version.major = *major;
    version.minor = *minor;
    if (take(text, '.')) {
        version.patch = take_number(text).value_or(0);
    }
    return version;
}

std::optional<KernelVersion> read_kernel_version(const Tree& tree) {
    // "Ubuntu 6.8.0-1041.47~22.04.1-azure 6.8.12": the last word is the release it was made from.
    const std::string signature = tree.line("/proc/version_signature");
    if (const auto space = signature.rfind(' '); space != std::string::npos) {
        return parse_kernel_version(std::string_view(signature).substr(space + 1));
    }
    const std::string text = tree.line("/proc/version");
    if (auto version = version_after(text, " Debian ")) {
        return version;
    }
    return version_after(text, "Linux version ");
}

std::vector<const KernelBug*> known_bugs(const KernelVersion& version) {
    std::vector<const KernelBug*> found;
    for (const KernelBug& bug : kBugs) {
        if (version >= bug.first && version < bug.beyond) {
            found.push_back(&bug);
        }
    }
    return found;
}

}  // namespace vmbus::devbind
