// Which kernel runs, by the number of the stable release that it was made from, and what is known
// to be wrong with some of them for a user of uio_hv_generic.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tree.hpp"

namespace vmbus::devbind {

struct KernelVersion {
    unsigned major = 0;
    unsigned minor = 0;
    unsigned patch = 0;

    auto operator<=>(const KernelVersion&) const = default;
};

/// From /proc/version_signature (Ubuntu) and /proc/version: "6.1.0-41-amd64" is a name, and behind
/// it stands "Debian 6.1.158-1".
std::optional<KernelVersion> read_kernel_version(const Tree& tree);
std::optional<KernelVersion> parse_kernel_version(std::string_view text);

struct KernelBug {
    KernelVersion first;   // with it
    KernelVersion beyond;  // without it again; other releases between are not meant
    bool certain =
        true;  // false: some releases in the range have the repair, which ones is unknown
    std::string_view word;
    std::string_view what;
    std::string_view remedy;
    std::string_view source;
};

std::vector<const KernelBug*> known_bugs(const KernelVersion& version);

}  // namespace vmbus::devbind
