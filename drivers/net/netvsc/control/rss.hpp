// Receive-side scaling: by which hash of a frame's addresses the host chooses the channel. What the
// host can is asked once; key, table and hash types are sent whole at each change, after the old
// ones were switched off, as Linux and DPDK do: hosts do not honour "unchanged". Control threads.
// No DPDK. Source: ntddndis.h, NDIS_RECEIVE_SCALE_CAPABILITIES and _PARAMETERS.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "net/netvsc/control/rndis_client.hpp"
#include "wire/ndis.hpp"

namespace vmbus::netvsc {

using RssKey = std::array<std::byte, wire::kRssKeyBytes>;

/// The key of DPDK's mlx5 driver, so that a virtual function beside us hashes alike.
extern const RssKey kDefaultRssKey;

/// Entries of a table that are asked for; hosts repeat a shorter one than theirs.
inline constexpr std::uint16_t kMaxRssTable = 512;

struct RssCapabilities {
    std::uint16_t queues = 1;         ///< channels that can receive; 1: no scaling
    std::uint16_t table_entries = 0;  ///< 0 without scaling
    std::uint32_t hash_types = 0;     ///< set of wire::NdisHash
};

struct RssSettings {
    std::uint32_t hash_types = 0;  ///< none: scaling is off, all frames come on the primary
    RssKey key = kDefaultRssKey;
    std::vector<std::uint16_t> table;  ///< channel by hash

    friend bool operator==(const RssSettings&, const RssSettings&) = default;
};

namespace rss {

/// What makes sense of the host's answer; a host that knows no such object can nothing.
RssCapabilities query(RndisClient& rndis) noexcept;
/// 0 or -errno. Requires: a table of at most kMaxRssTable entries, none when no types.
int set(RndisClient& rndis, const RssSettings& settings) noexcept;

}  // namespace rss
}  // namespace vmbus::netvsc
