// Frame sizes: one of the fixed ones, or IMIX, the mix of 7 : 4 : 1 small, middle and large frames
// that stands for Internet traffic. Sizes count from the destination address, without FCS.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netvsc_bench {

inline constexpr std::array<std::string_view, 7> kSizeNames = {"64",   "128",  "256", "512",
                                                               "1024", "1514", "imix"};

/// Seven of 64, four of 594, one of 1514 bytes, spread evenly ("simple IMIX" without FCS).
inline constexpr std::array<std::uint16_t, 12> kImix = {64, 594, 64, 64, 594, 64,
                                                        64, 594, 64, 64, 594, 1514};

class Sizes {
public:
    /// Requires: one of kSizeNames.
    static Sizes named(const std::string& name) {
        Sizes sizes;
        sizes.fixed_ = name == "imix" ? 0 : static_cast<std::uint16_t>(std::stoul(name));
        return sizes;
    }

    /// The n-th frame's.
    std::uint16_t of(std::uint64_t n) const {
        return fixed_ != 0 ? fixed_ : kImix[n % kImix.size()];
    }

private:
    std::uint16_t fixed_ = 64;
};

}  // namespace netvsc_bench
