#include "host/toeplitz.hpp"

namespace vmbus::host {
namespace {

/// 32 bits of the key from this bit on, the first as the highest.
std::uint32_t window(std::span<const std::byte, wire::kRssKeyBytes> key, std::size_t bit) noexcept {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        const std::size_t at = bit / 8 + i;
        bits = bits << 8 | (at < key.size() ? std::to_integer<std::uint64_t>(key[at]) : 0);
    }
    return static_cast<std::uint32_t>(bits >> (8 - bit % 8));
}

}  // namespace

Toeplitz::Toeplitz(std::span<const std::byte, wire::kRssKeyBytes> key) noexcept {
    for (std::size_t place = 0; place < kMaxInput; ++place) {
        sums_[place][0] = 0;
        for (std::size_t byte = 1; byte < 256; ++byte) {
            // The highest bit that is set, and the sum of the others, which is known already.
            const auto high =
                static_cast<std::size_t>(31 - __builtin_clz(static_cast<unsigned>(byte)));
            sums_[place][byte] =
                sums_[place][byte ^ (std::size_t{1} << high)] ^ window(key, place * 8 + 7 - high);
        }
    }
}

}  // namespace vmbus::host
