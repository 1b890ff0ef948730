// The Toeplitz hash by which receive-side scaling spreads flows: each bit of the input that is set
// adds the 32 bits of the key that begin at its place.
// A value, 36 KiB: the sums of each byte at each place are made once for a key. Source: Microsoft,
// "RSS Hashing Functions".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "wire/ndis.hpp"

namespace vmbus::host {

class Toeplitz {
public:
    /// Two IPv6 addresses and two ports: the key has no bits for more.
    static constexpr std::size_t kMaxInput = 36;

    explicit Toeplitz(std::span<const std::byte, wire::kRssKeyBytes> key) noexcept;

    /// Requires: input.size() <= kMaxInput.
    std::uint32_t operator()(base::Bytes input) const noexcept {
        switch (input.size()) {
            case 8: return sum(input.first<8>());  // IPv4: unrolled, a third of the time
            case 12: return sum(input.first<12>());
            default: return sum(input);
        }
    }

private:
    template <std::size_t Bytes>
    std::uint32_t sum(std::span<const std::byte, Bytes> input) const noexcept {
        std::uint32_t hash = 0;
        for (std::size_t i = 0; i < input.size(); ++i) {
            hash ^= sums_[i][std::to_integer<std::size_t>(input[i])];
        }
        return hash;
    }

    std::array<std::array<std::uint32_t, 256>, kMaxInput> sums_;
};

}  // namespace vmbus::host
