// The receive-side scaling that a guest set: key and table, checked once and kept.
// Pure values; owned by the RNDIS server. Rules: OpenVMM netvsp, SET RECEIVE_SCALE_PARAMETERS.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "wire/ndis.hpp"
#include "wire/rndis.hpp"

namespace vmbus::host {

inline constexpr std::size_t kRssTableSize = 128;

struct RssConfig {
    bool enabled = false;
    std::uint32_t hash_information = 0;
    std::array<std::byte, wire::kRssKeyBytes> key{};
    std::array<std::uint32_t, kRssTableSize> table{};

    /// Takes over what the guest asks for. Unchanged unless kSuccess. Entries beyond the table are
    /// ignored; a shorter one is repeated until it is full. Requires: queues > 0.
    wire::RndisStatus set(base::Bytes info, std::uint32_t queues) noexcept;
};

}  // namespace vmbus::host
