// LinkSpec: what is wrong with the cable between a NIC and what it is plugged into: how slow it is,
// and what it does to frames. Parts of a port's spec, in any order behind its kind. Parsing is
// pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmbus::host {

struct LinkSpec {
    static constexpr std::uint64_t kAlways = std::uint64_t{1} << 32;

    std::uint64_t rate = 0;      ///< frames a second, 0: as many as come
    std::uint64_t bps = 0;       ///< bits a second, 0: as many as come
    std::uint64_t delay_ns = 0;  ///< of each frame
    // Shares of kAlways.
    std::uint64_t loss = 0;
    std::uint64_t reorder = 0;  ///< held back, so that others overtake
    std::uint64_t dup = 0;
    std::uint64_t seed = 1;

    /// Is it anything but a plain cable?
    bool any() const noexcept { return (rate | bps | delay_ns | loss | reorder | dup) != 0; }
};

/// Takes one part if it is the link's: true, and false with `why` set when its value is wrong.
/// Nothing when the part is not for the link.
std::optional<bool> read_link_part(std::string_view key, std::string_view value, LinkSpec& link,
                                   std::string& why);

}  // namespace vmbus::host
